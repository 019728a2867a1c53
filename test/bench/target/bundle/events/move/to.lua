object.x = data.x
object.y = data.y
object.side = data.side
object.action = data.pose
