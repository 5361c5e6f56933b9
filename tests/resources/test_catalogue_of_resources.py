"""The catalogue of resources is sound, its files are understood by a reader, and the documentation shows all of it."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest

from pathlore.config import FILE_NAME, Parameters
from pathlore.resources.catalogue import HEADER, RESOURCES, markdown_table
from pathlore.resources.interactions.formats import READERS

PAGE = Path(__file__).parents[2] / "docs" / "resources.md"
WANTED = {
    "omnipath", "signor", "signor_complexes", "kegg", "reactome_fi", "nichenet", "string", "collectri", "dorothea",
    "cellphonedb", "cellchatdb", "liana", "hgnc", "ncbi_gene_info", "ncbi_gene_summary", "uniprot_human",
    "mgi_orthologs", "hcop_orthologs", "ensembl_names", "ensembl_orthologs", "biomedgraphica",
}  # fmt: skip


@pytest.fixture(params=RESOURCES.values(), ids=lambda resource: resource.name)
def resource(request):
    return request.param


def test_the_resources_of_the_field_are_known():
    assert set(RESOURCES) == WANTED


def test_everything_about_a_resource_is_said(resource):
    assert re.fullmatch(FILE_NAME, resource.name)
    for said in (resource.title, resource.gives, resource.reader, resource.licence, resource.citation):
        assert said.strip() == said != ""
        assert "\n" not in said
    assert resource.home.startswith("https://")
    assert re.search(r"\b20\d\d\b", resource.citation)
    assert resource.files or resource.by_hand


def test_each_file_has_an_address_and_a_name_of_its_own(resource):
    names = [file.name for file in resource.files]
    assert len(set(names)) == len(names)
    for file in resource.files:
        assert re.fullmatch(FILE_NAME, file.name)
        address = urlsplit(file.url)
        assert address.scheme == "https"
        assert address.netloc
        assert " " not in file.url
        assert file.sha256 is None or re.fullmatch("[0-9a-f]{64}", file.sha256)


def test_no_two_files_come_from_one_address():
    urls = [file.url for resource in RESOURCES.values() for file in resource.files]
    assert len(set(urls)) == len(urls)


def test_its_files_go_to_parameters_that_exist_and_a_reader_that_exists(resource):
    assert resource.parameters
    assert set(resource.parameters) <= Parameters.model_fields.keys()
    if "network" in resource.parameters:
        assert resource.reader in {reader.name for reader in READERS}


@pytest.mark.parametrize("name", ["ensembl_names", "ensembl_orthologs"])
def test_queries_to_biomart_are_sound(name):
    (file,) = RESOURCES[name].files
    (query,) = parse_qs(urlsplit(file.url).query)["query"]
    root = ElementTree.fromstring(query.replace("<!DOCTYPE Query>", ""))
    assert root.get("header") == "1"
    (dataset,) = root
    assert dataset.get("name") == "hsapiens_gene_ensembl"
    assert dataset[0].get("name") == "ensembl_gene_id"
    assert {part.tag for part in dataset} == {"Attribute"}


def test_licences_that_forbid_something_say_so():
    assert "not to be passed on" in " ".join(RESOURCES["kegg"].licence.split())
    assert "no commercial use" in RESOURCES["signor"].licence
    assert "GPL-3" in RESOURCES["cellchatdb"].licence
    assert "academic" in RESOURCES["omnipath"].licence


def test_the_page_shows_the_catalogue_as_it_is():
    """To renew it: print(pathlore.resources.catalogue.markdown_table())."""
    assert markdown_table() in PAGE.read_text(encoding="utf-8")


def test_the_table_has_a_row_for_each_resource():
    head, rule, *rows = markdown_table().splitlines()
    assert head.strip("| ").split(" | ") == list(HEADER)
    assert set(rule) == set("|- ")
    assert [re.match(r"\| `([\w.-]+)`", row)[1] for row in rows] == list(RESOURCES)
    assert {len(re.split(r"(?<!\\)\|", row)) for row in rows} == {len(HEADER) + 2}


def test_the_page_says_that_the_addresses_were_not_tried():
    assert "No address was tried against the live servers" in " ".join(PAGE.read_text(encoding="utf-8").split())
