object.events.add('wander') -- before the rest, so that a fault there does not end it
if wander.free(object) then wander.walk(object) end
