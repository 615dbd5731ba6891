"""The 200 names and hashtags that tolerance is tried with: well-known brands, and invented ones.

Well-known brands are hard: their letters are near to words and to each other, and posts are full of them.
"""

_BRANDS = """
Adidas|Airbnb|Alitalia|American Airlines|Argos|Asda|Audi|Barclays|Best Buy|Bosch|British Airways|Burberry
Burger King|Canon|Carrefour|Chase|Chevrolet|Chipotle|Cigna|Citibank|Comcast|Condor|Costco|Decathlon|Delta
Deutsche Bahn|Dominos|Dropbox|Dyson|EasyJet|Emirates|Etihad|Eurostar|Eurowings|Expedia|FedEx|Ferrari|Fiat
Finnair|Fitbit|Frontier|GameStop|Gillette|Gucci|Heineken|Hermes|Hertz|Hilton|Honda|Huawei|Hulu|Hyundai|Iberia
IKEA|Instacart|JetBlue|John Lewis|Kellogg|Klarna|KitKat|Kroger|Lego|Lenovo|Lidl|LinkedIn|Logitech|Lufthansa
Lululemon|Marriott|Mastercard|Mazda|McDonalds|Mercedes|Microsoft|Miele|Monzo|Morrisons|Nescafe|Nespresso
Netflix|Nike|Nikon|Nintendo|Nissan|Nokia|Nordstrom|Nvidia|Ocado|Orange|Panasonic|Patagonia|PayPal|Peloton
Pepsi|Peugeot|Philips|Porsche|Qantas|Qatar Airways|Reebok|Renault|Revolut|Ryanair|Sainsburys|Samsung|Santander
Sephora|Siemens|Singapore Airlines|Sky|Skoda|Southwest Airlines|Spotify|Starbucks|Subway|Swatch|Target
TalkTalk|Telefonica|Tesco|T-Mobile|Toyota|Trader Joes|TripAdvisor|Uber|Ubisoft|Uniqlo|United Airlines|Verizon
Virgin Atlantic|Visa|Vodafone|Volkswagen|Volvo|Waitrose|Walgreens|Walmart|Wells Fargo|Whirlpool|WhatsApp
Wizz Air|Xiaomi|Zalando|Zara|Zoom
Tidewing|Orchard Rail|Acme Care|Quillow|Brambleby|Noxtra|Fennmark|Velloria|Kestrelline|Oakhaven Bank|Sundrifter
Pellucid|Marrowby|Tavoline|Gullswift
"""
_TAGS = """
acmecare|tidewing|tidewinghelp|flywithvelloria|askquillow|noxtra|brambleby|kestrelline|fennmark|GullswiftAir
JetBlueFail|ryanairhelp|lufthansa|deltaassist|AskAmex|vodafonehelp|ThankYouTesco|SouthwestAir|NikeRunClub|AskPlayStation
XboxSupport|ikeahacks|ShareACoke|RedBull|VisaEverywhere|zalandostyle|SkyHelpTeam|orchardrail
BoycottNestle|AskEasyJet|tidewingfail|SamsungGalaxyS8|brambleby2016|AskLloydsBank|DominosPizza|acmecares
oakhavenbank|quillowapp|PumaFamily|HeinekenCup
"""


def _listed(table: str) -> tuple[str, ...]:
    return tuple(name for line in table.split("\n") for name in line.split("|") if name)


BRANDS = _listed(_BRANDS)
TAGS = _listed(_TAGS)
