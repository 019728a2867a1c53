object.x, object.y, object.side = object.x + 0, object.y + -1, 'up'
object.components.steps = object.components.steps + 1
