-- Somebody has hidden gold again.
object.components.worth = math.random(5, 50)
object.action = 'closed'
