from hearout.cli import main

main()
