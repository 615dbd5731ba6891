from __future__ import annotations

from datetime import timedelta

import pytest

from hearout.insight.trends.alarms import call_false
from hearout.insight.trends.models import Alarm, Hour, Series, Severity, Watch
from hearout.insight.trends.watching import again, setting_of, watch_due
from hearout.journal.models import Entry
from hearout.listening.models import Archive, Mention, MentionHit, Post, Query

DAY = 1.0
CRISIS = 4.0
"""Days after Monday."""


@pytest.fixture
def crisis(fill, every):
    """Four days of a post every six minutes; then twenty minutes with a hundred complaints about an outage."""
    fill(every(6, CRISIS), text="where is my bag please")
    said = fill(every(0.2, 20 / 1440, CRISIS), "complaint", ("app and site",), "only a meltdown today")
    fill(every(6, 0.5, CRISIS + 0.02), text="where is my bag please")
    return said


def series(by, name=""):
    return Series.objects.get(by=by, name=name)


def counted(by, name=""):
    return sum(sum(hour.counts) for hour in Hour.objects.filter(series=series(by, name)))


def test_posts_are_counted_in_all_by_tone_topic_and_query(cast, fill, every, watched):
    fill(every(60, 1), "complaint", ("baggage", "delay"))
    fill(every(120, 1), "praise")
    query = Query.objects.create(brand=cast.brand, name="strikes")
    off = Query.objects.create(brand=cast.brand, name="off", off_at=cast.monday)
    for one in Mention.objects.all()[:5]:
        for term in ("a", "b"):
            MentionHit.objects.create(mention=one, brand=cast.brand, query=query, route="name", term=term)
        MentionHit.objects.create(mention=one, brand=cast.brand, query=off, route="name", term="c")
    watched(1.1)
    assert {(one.by, one.name): counted(one.by, one.name) for one in Series.objects.all()} == {
        ("brand", ""): 36, ("tone", "complaint"): 24, ("tone", "praise"): 12, ("topic", "baggage"): 24,
        ("topic", "delay"): 24, ("query", "strikes"): 5,
    }  # fmt: skip


def test_what_is_no_word_about_us_is_not_counted(cast, fill, every, watched):
    kept = fill(every(60, 1))
    fill(every(60, 1), archive=Archive.objects.create(name="old"))
    fill(every(60, 1), deleted_at=cast.monday)
    fill(every(60, 1), brand=cast.other_brand)
    ours = fill(every(60, 1))
    Mention.objects.filter(post__in=ours).update(how="ours")
    watched(1.1)
    whole = Series.objects.get(brand=cast.brand, by="brand")
    assert sum(sum(hour.counts) for hour in whole.hours.all()) == len(kept)


def test_each_bucket_is_judged_once_when_it_is_over(cast, fill, every, watched):
    fill(every(1, 0.5))
    watch = watched(0.25)
    assert watch.judged_until == cast.monday + timedelta(hours=5, minutes=55)
    assert watch_due(10, cast.monday + timedelta(hours=6)) == 0
    assert watch_due(10, cast.monday + timedelta(hours=6, minutes=2)) == 1
    assert counted("brand") == 360
    assert watched(0.5).judged_until == cast.monday + timedelta(hours=11, minutes=55)
    assert counted("brand") == 715


def test_a_crisis_raises_one_alarm_a_series_with_what_is_behind_it(crisis, watched, cast):
    watched(CRISIS + 0.2)
    whole = Alarm.objects.get(series__by="brand")
    assert cast.monday + timedelta(days=CRISIS) - whole.began_at <= timedelta(minutes=5)
    assert whole.severity == Severity.CRITICAL
    assert "meltdown" in whole.words
    assert "bag" not in whole.words
    assert {post.pk for post in crisis} <= set(whole.posts.values_list("pk", flat=True))
    beside = Alarm.objects.exclude(pk=whole.pk)
    assert {str(one.series) for one in beside} == {"tone complaint", "topic app and site"}
    assert len({one.event_id or one.pk for one in Alarm.objects.all()}) == 1, "they are one event"
    raised = Entry.objects.filter(verb="alarm.raised", noun_id=whole.pk)
    assert [entry.brand_id for entry in raised] == [cast.brand.pk]


def test_the_alarm_comes_within_minutes(crisis, cast, watched):
    watched(CRISIS)
    for minutes in range(1, 60):
        watch_due(10, cast.monday + timedelta(days=CRISIS, minutes=minutes))
        if Alarm.objects.exists():
            break
    assert minutes <= 12


def test_quiet_days_alarm_nobody(fill, every, watched):
    fill(every(6, 9))
    watched(9)
    assert not Alarm.objects.exists()


def test_a_new_topic_is_known_to_have_been_absent(fill, every, watched):
    fill(every(6, 5))
    watched(4)
    fill(every(0.5, 20 / 1440, 4.01), "complaint", ("refund",))
    watched(4.1)
    assert Alarm.objects.filter(series__by="topic", series__name="refund").exists()


def test_praise_wakes_nobody_up(fill, every, watched):
    fill(every(6, 5))
    fill(every(0.5, 20 / 1440, 4), "praise")
    watched(4.1)
    assert Alarm.objects.get(series__name="praise").severity == Severity.NOTICE


def test_a_watch_that_is_off_counts_on_and_is_silent(crisis, cast, watched):
    Watch.objects.create(brand=cast.brand, off_at=cast.monday, due_at=cast.monday, next_at=cast.monday)
    watched(CRISIS + 0.2)
    assert counted("brand") > 900
    assert not Alarm.objects.exists()


def test_fewer_false_alarms_ask_for_a_greater_surprise(cast, fill, every, watched):
    fill(every(6, 5))
    fill(every(2, 10 / 1440, 4), "complaint")
    Watch.objects.create(brand=cast.brand, false_alarms=0.0001, due_at=cast.monday, next_at=cast.monday)
    watch = watched(4.2)
    assert not Alarm.objects.exists()
    watch.false_alarms = 100
    watch.save()
    again(watch, cast.monday)
    watched(4.2)
    assert Alarm.objects.exists()


def test_series_share_what_is_accepted(cast):
    watch = Watch(brand=cast.brand, false_alarms=2.0)
    keys = [("brand", ""), *(("topic", str(n)) for n in range(20))]
    assert sum(setting_of(watch, key, len(keys)) for key in keys) == pytest.approx(2.0)
    assert setting_of(watch, keys[0], 1) == 2.0


def test_counting_again_gives_the_same(crisis, cast, watched):
    watched(1)
    watched(2.3)
    watch = watched(CRISIS + 0.2)
    before = {str(one): (one.state, counted(one.by, one.name)) for one in Series.objects.all()}
    alarms = list(Alarm.objects.values("series", "began_at", "last_at", "count"))
    again(watch, cast.monday + timedelta(days=CRISIS + 0.2))
    watched(CRISIS + 0.2)
    assert {str(one): counted(one.by, one.name) for one in Series.objects.all()} == {
        name: count for name, (_, count) in before.items()
    }
    assert Series.objects.get(by="brand").state["tail"] == before["all posts"][0]["tail"]
    assert list(Alarm.objects.values("series", "began_at", "last_at", "count")) == alarms


def test_posts_that_were_counted_are_not_looked_at_again(crisis, cast, watched):
    watched(1)
    for hours in range(25, 120):
        watched(hours / 24)
    watch = Watch.objects.get(brand=cast.brand)
    assert watch.known_id >= Post.objects.count() // 2
    assert counted("brand") == Post.objects.filter(posted_at__lt=watch.judged_until).count()


def test_who_is_told_of_nothing_may_say_so_and_take_it_back(crisis, cast, watched):
    watched(CRISIS + 0.2)
    one = Alarm.objects.filter(event__isnull=False).first()
    call_false(one, by=cast.sol)
    assert set(Alarm.objects.values_list("false_by", flat=True)) == {cast.sol.pk}
    call_false(one, by=cast.sol)
    assert set(Alarm.objects.values_list("false_at", flat=True)) == {None}
    verbs = Entry.objects.filter(noun="alarm", actor_id=cast.sol.pk).values_list("verb", flat=True)
    assert sorted(verbs) == ["alarm.called_false", "alarm.called_true"]


def test_without_posts_there_is_nothing_to_do(cast):
    assert watch_due(20, cast.monday) == 0
    assert watch_due(20, cast.monday + timedelta(hours=1)) == 0


@pytest.mark.parametrize("zone", ["", "Nowhere/At all", "Pacific/Auckland"])
def test_a_brand_with_an_odd_clock_is_watched_all_the_same(cast, fill, every, watched, zone):
    cast.brand.timezone = zone
    cast.brand.save()
    fill(every(60, 1), topics=("x" * 200, "nul"))
    watched(1.1)
    assert counted("topic", "x" * 80) == 24


def test_counting_begins_when_a_new_connection_has_told_its_past(cast, fill, every, watched):
    later = fill(every(60, 1, 2.0))
    Post.objects.update(received_at=cast.monday + timedelta(days=3, minutes=-1))
    assert watched(3).started_at is None
    fill(every(60, 1), received_at=cast.monday + timedelta(days=3, minutes=1))
    assert watched(3.01).started_at == cast.monday
    assert counted("brand") == len(later) + 24


def test_another_crisis_hours_later_is_another_event(cast, fill, every, watched):
    fill(every(6, 4))
    fill(every(0.2, 20 / 1440, 4), "complaint", ("refund",))
    fill(every(6, 0.3, 4.02))
    fill(every(0.2, 20 / 1440, 4.33), "complaint", ("baggage",))
    watched(4.6)
    events = {
        alarm.series.name: alarm.event_id or alarm.pk for alarm in Alarm.objects.exclude(series__by="brand")
    }
    assert events["refund"] != events["baggage"]
