"""Configurations of several environments side by side, and where files are looked for."""

from glob import glob

import pytest

from pathlore.settings import EnvironmentConfigLoader, start_at


def test_two_environments_do_not_get_into_each_other(load):
    first = load("test")
    second = load("paper")
    assert first["parameters"]["modeling"]["training"]["checkpoints"] == "data/06_models/test/checkpoints"
    assert second["parameters"]["modeling"]["training"]["checkpoints"] == "data/06_models/paper/checkpoints"
    places = [loader["catalog"]["cells"]["filepath"] for loader in (first, second)]
    assert places == ["data/03_primary/test/cells.h5ad", "data/03_primary/paper/cells.h5ad"]


def test_relative_files_start_at_the_present_folder_then_at_the_projects(tmp_path, monkeypatch):
    project, here = tmp_path / "project", tmp_path / "here"
    for folder in (project, here):
        folder.mkdir()
    (here / "a [1].csv").touch()
    (here / "b1.csv").touch()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(tmp_path))
    found = start_at(str(project), "a [1].csv;b*.csv;c.csv;~/d.csv;package:pathlore/keys.py").split(";")
    assert found[:4] == [str(here / "a [1].csv"), str(here / "b*.csv"), str(project / "c.csv"), str(tmp_path / "d.csv")]
    assert found[4].endswith("pathlore/keys.py")
    assert start_at(str(project), "") == ""


def test_what_was_loaded_is_kept_and_cannot_be_changed_by_who_got_it(load, monkeypatch):
    loader = load("test")
    first = loader["parameters"]
    expected = first["modeling"]["training"]["epochs"]
    first["modeling"]["training"]["epochs"] = -1
    monkeypatch.setattr("kedro.config.OmegaConfigLoader._read_raw_config", lambda *_: pytest.fail("read again"))
    assert loader["parameters"]["modeling"]["training"]["epochs"] == expected
    loader["parameters"] = {"set": "by hand"}
    assert loader["parameters"] == {"set": "by hand"}


def test_a_project_whose_folder_has_the_signs_of_a_pattern(tmp_path):
    project = tmp_path / "study [2], draft"
    for name in ("conf/base/deep", "conf/local", "data"):
        (project / name).mkdir(parents=True)
    (project / "conf" / "base" / "parameters.yml").write_text("a: ${from_project:data/x.csv}\n")
    (project / "conf" / "base" / "deep" / "parameters.yml").write_text("b: ${from_project:data/x*.csv}\n")
    (project / "data" / "x.csv").write_text("")
    loaded = EnvironmentConfigLoader(str(project / "conf"), base_env="base", default_run_env="local")["parameters"]
    assert loaded["a"] == str(project / "data" / "x.csv")
    assert glob(loaded["b"]) == [loaded["a"]]
