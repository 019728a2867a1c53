-- Quick in a chase, slow while nobody is near.
return object.components.prey and 0.5 or 2
