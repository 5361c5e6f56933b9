import matplotlib

from pathlore.plot.style import BLUE, GREEN, METHODS, ORANGE, PALETTE, class_colours, house_style, note, text_width


def test_classes_have_their_colours_by_their_place_in_the_run():
    assert class_colours(["healthy", "cirrhotic", "NASH"]) == {"healthy": BLUE, "cirrhotic": ORANGE, "NASH": GREEN}
    assert class_colours(["healthy", "NASH"]) == {"healthy": BLUE, "NASH": ORANGE}


def test_no_method_has_the_colour_of_a_class():
    assert not set(METHODS) & set(PALETTE)
    assert len(set(METHODS)) == len(METHODS)
    assert len(set(PALETTE)) == len(PALETTE)


def test_settings_come_back_after_an_error():
    before = matplotlib.rcParams["axes.titlesize"]
    try:
        with house_style():
            raise KeyError
    except KeyError:
        pass
    assert matplotlib.rcParams["axes.titlesize"] == before


def test_text_width_grows_with_text_and_size():
    assert text_width("") == 0
    assert text_width("HLA-DRB1") > text_width("HLA") > 0
    assert text_width("HLA", 18) > 1.8 * text_width("HLA", 9)


def test_note_says_its_message():
    assert note("nothing here").texts[0].get_text() == "nothing here"
