move.routes[object.key] = nil
