TEXT = """
Gene1\tGene2\tAnnotation\tDirection\tScore
A\tB\tactivate; catalyze\t->\t1.00
A\tC\tinhibit\t-|\t1.00
A\tD\tcatalyzed by; complex; input\t<-\t1.00
A\tE\tinhibited by\t|-\t1.00
A\tF\tactivate; inhibited by\t|->\t1.00
A\tG\texpression regulates\t->\t1.00
A\tH\tcomplex; expression regulated by; input\t<-\t1.00
A\tI\texpression regulated by; expression regulates\t<->\t1.00
A\tJ\tGErel: repression by\t|-\t1.00
A\tK\tcomplex; input\t-\t1.00
A\tL\tpredicted\t-\t0.61
A\tM\tcatalyze; complex; predicted\t->\t1.00
A\tN\tsomething\t=>\t1.00
"""

DIRECTED = [
    "A>B signaling +1",
    "A>C signaling -1",
    "A>F signaling +1",
    "A>G tf_target +0",  # a regulon says no sign
    "A>I tf_target +0",
    "A>M signaling +1",
    "D>A signaling +1",
    "E>A signaling -1",
    "F>A signaling -1",
    "H>A tf_target +1",
    "I>A tf_target +0",
    "J>A tf_target -1",
]


def test_each_drawn_direction_is_one_statement(table, read, edges, dropped) -> None:
    found = read({"FIsInGene.txt": table(TEXT, sep="\t")})
    assert edges(found) == DIRECTED
    assert set(found["resources"]) == {"ReactomeFI"}
    assert dropped() == (
        "1 predicted, 1 with an unknown direction, 1 without a direction (ingestion.network.undirected: drop)"
    )


def test_what_meets_in_a_complex_is_read_both_ways_if_wanted(table, read, edges) -> None:
    found = read({"FIsInGene.txt": table(TEXT, sep="\t")}, undirected="both")
    assert edges(found) == [*DIRECTED, "A>K signaling +0", "K>A signaling +0"]
