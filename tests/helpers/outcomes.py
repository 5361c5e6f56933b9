"""What a fuzzer asks of every input: a result, or one line for the user."""

from uuid import uuid4

from hypothesis import event

from pathlore.errors import PathloreError, user_error


def outcome(act):
    """The result, or None where the user is told in one line what was found."""
    try:
        made = act()
        event("taken")
        return made
    except Exception as error:
        ours = user_error(error)
        if not isinstance(ours, PathloreError):
            raise
        message = str(ours)
        assert len(message) > 20
        assert "\n" not in message
        assert len(message) < 3000, message[:200]
        event("one line")
        return None


def fresh(folder, name):
    """A path that no open file has."""
    own = folder / uuid4().hex
    own.mkdir()
    return own / name
