"""Vectors of genes: where a gene lies in the network, and what is written about it."""

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import eigsh

DIMENSIONS = 128
"""Leading eigenvectors of the network."""

POWER = 3
"""Steps of diffusion: eigenvalues enter with this power."""

TINY = 1e-12


def network_vectors(
    source: np.ndarray, target: np.ndarray, n_genes: int, *, dimensions: int = DIMENSIONS, power: int = POWER
) -> np.ndarray:
    r"""Spectral vectors of the genes of a network; neighbours, and what they share neighbours with, lie together.

    With the undirected adjacency A of the associations, whatever their kind, the degrees D and the leading eigenpairs
    of the normalised adjacency :math:`D^{-1/2} A D^{-1/2} = U \Lambda U^T`, the vector of gene g is

    .. math:: x_g = \frac{1}{\sqrt{D_g}}\, (\lambda_1^q u_{g1}, \ldots, \lambda_K^q u_{gK}),

    centred over genes and brought to unit length. Their products follow q steps of a random walk from both ends.

    Parameters
    ----------
    source, target
        (E,) indices of the ends of the associations.
    n_genes
        n.
    dimensions, power
        K and q.

    Returns
    -------
    (n, K) float32; zero for a gene without a neighbour.

    Source: diffusion maps, Coifman and Lafon 2006 (10.1016/j.acha.2006.04.006).
    """
    ones = np.ones(len(source))
    adjacency = sparse.coo_matrix((ones, (source, target)), shape=(n_genes, n_genes)).tocsr()
    adjacency = ((adjacency + adjacency.T) > 0).astype(float)
    adjacency.setdiag(0)
    adjacency.eliminate_zeros()
    degree = np.asarray(adjacency.sum(axis=1)).ravel()
    root = np.sqrt(np.maximum(degree, 1))
    normalised = sparse.diags(1 / root) @ adjacency @ sparse.diags(1 / root)
    values, vectors = _leading(normalised, min(dimensions, n_genes))
    scaled = vectors * np.maximum(values, 0) ** power / root[:, None]
    return centred_unit(scaled, degree > 0)


def _leading(matrix: sparse.csr_matrix, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Leading eigenpairs of a symmetric matrix."""
    n = matrix.shape[0]
    if n <= 4 * k:  # the sparse solver needs many more rows than vectors
        values, vectors = np.linalg.eigh(matrix.toarray())
        return values[::-1][:k], vectors[:, ::-1][:, :k]
    values, vectors = eigsh(matrix, k=k, which="LA", v0=np.full(n, n**-0.5))
    return values, vectors


def centred_unit(vectors: np.ndarray, known: np.ndarray | None = None) -> np.ndarray:
    """Centre vectors over the genes that have one, and bring each to unit length.

    Parameters
    ----------
    vectors
        (n, K).
    known
        (n,) which genes have a vector; None: those that are not zero. The others become zero.

    Returns
    -------
    (n, K) float32.

    Examples
    --------
    >>> centred_unit(np.array([[3.0, 0.0], [1.0, 0.0], [0.0, 0.0]])).tolist()
    [[1.0, 0.0], [-1.0, 0.0], [0.0, 0.0]]
    """
    known = np.abs(vectors).sum(axis=1) > 0 if known is None else known
    if not known.any():
        return np.zeros(vectors.shape, dtype=np.float32)
    centred = np.where(known[:, None], vectors - vectors[known].mean(axis=0), 0.0)
    return unit(centred).astype(np.float32)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Bring each row to unit length; a zero row stays zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > TINY)


def with_ligands(receptors: np.ndarray, ligands: np.ndarray, bound: np.ndarray) -> np.ndarray:
    r"""What is written about a receptor and about its ligands, as one vector.

    .. math:: v_r = \mathrm{unit}\Big(t_r + \frac{1}{|L_r|} \sum_{l \in L_r} t_l\Big)

    over the ligands that have a text: texts of responding genes name the ligand at least as often as its receptor.

    Parameters
    ----------
    receptors
        (R, T) unit vectors t of the receptors.
    ligands
        (L, T) those of the ligands.
    bound
        (R, L) bool, which ligands each receptor binds.
    """
    known = bound & (np.abs(ligands).sum(axis=1) > 0)
    share = known / np.maximum(known.sum(axis=1, keepdims=True), 1)
    return unit(receptors + share @ ligands).astype(np.float32)
