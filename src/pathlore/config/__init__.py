# ruff: noqa: F401
"""Typed parameters: one frozen model per block of ``parameters.yml``, unknown keys refused.

Kedro builds these from the YAML before the first node runs, because the nodes' arguments are annotated with them.
Each parameter has its default and its meaning here, so that `Parameters()` is complete but for what a user alone can
say; ``conf/base`` shows both, and a test holds the two equal. Where the YAML names a folder by the cohort, the default
is the folder without it, or none.
"""

from pathlore.config.blocks import FILE_NAME, Block, Fraction, PositiveInt, Seed, check
from pathlore.config.cohort import (
    CellAnnotationConfig,
    CohortConfig,
    CountTableConfig,
    MatricesConfig,
    RecipeConfig,
    SampleConfig,
    SampleRuleConfig,
    SeriesFileConfig,
)
from pathlore.config.engine import EngineConfig, TrackingConfig
from pathlore.config.evaluation import (
    EvaluationParameters,
    EvaluationSize,
    SemiRealConfig,
    SimulationConfig,
    StudyConfig,
    TruthConfig,
)
from pathlore.config.graph import GraphConfig, GraphParameters, PathConfig, SentenceConfig
from pathlore.config.ingestion import (
    CellsConfig,
    GeneFilterConfig,
    GenesConfig,
    IngestionParameters,
    NetworkConfig,
    PopulationConfig,
    QualityConfig,
    SplitConfig,
)
from pathlore.config.inspection import FilesConfig, InspectionConfig
from pathlore.config.interpretation import (
    CellCommunicationConfig,
    CellMapConfig,
    DiscoveryConfig,
    DonorTestConfig,
    InterpretationParameters,
    KnownBiologyConfig,
    RefitConfig,
    ReportConfig,
)
from pathlore.config.modeling import BaselineConfig, ModelConfig, ModelingParameters, TrainingConfig
from pathlore.config.resources import ResourcesConfig, SourceConfig
from pathlore.config.scoring import BundleConfig, ScoreConfig, ScoringParameters
from pathlore.config.text import MAIN_ENCODER, EncoderConfig, TextControlConfig, TextParameters, TuningConfig
from pathlore.config.tree import Parameters
