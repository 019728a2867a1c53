return object.components.cooldown or 1
