import matplotlib

from pathlore.plot.style import BLUE, GREEN, ORANGE, class_colours, house_style, note, text_width


def test_further_classes_follow_in_sorted_order():
    colours = class_colours("healthy", "cirrhotic", ["healthy", "NASH"])
    assert colours == {"healthy": BLUE, "cirrhotic": ORANGE, "NASH": GREEN}


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
