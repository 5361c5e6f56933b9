"""Real truth: experiments in which a known ligand was given, and how well its receptors are found."""
