if wander.free(object) then wander.walk(object) end
object.events.add('wander')
