"""The forms of the human steps: what a person fills in, typed and checked before anything is recorded."""

from models.forms.base import StepForm, form_named, forms, validate

__all__ = ["StepForm", "form_named", "forms", "validate"]
