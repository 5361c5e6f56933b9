"""A bundle as an MLflow model: logged, registered, loaded, served; made from code, so that nothing is unpickled."""
