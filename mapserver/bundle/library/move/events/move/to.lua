-- One step of the way. To walk on, the event adds itself again: the group's
-- pause is then the time that a step takes, and any other move takes its place.
local dx, dy = data.x - object.x, data.y - object.y
local there = data.near > 0 and dx * dx + dy * dy <= data.near * data.near
local tile = not there and move.able(object) and move.next(object, data.x, data.y)
if not tile then
  move.stop(object)
  return
end
if move.step(object, tile.x, tile.y, move.side(tile.x - object.x, tile.y - object.y)) then
  object.events.add('move', 'to', {x = data.x, y = data.y, z = data.z, near = data.near})
end
