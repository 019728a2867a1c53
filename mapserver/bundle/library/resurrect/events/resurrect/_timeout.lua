return math.max(0, object.components.resurrectAfter or 10)
