"""Run the command as ``python -m pathlore``."""

from pathlore.command import main

if __name__ == "__main__":
    main()
