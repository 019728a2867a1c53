object.x, object.y, object.side = object.x + 1, object.y + 0, 'right'
object.components.steps = object.components.steps + 1
