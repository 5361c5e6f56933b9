"""The few lines that MLflow keeps beside a logged bundle and runs to load it; the code itself is the package's."""

import mlflow

from pathlore.serving.model import BundleModel

mlflow.models.set_model(BundleModel())
