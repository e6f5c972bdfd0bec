namespace ListBackup.Vault;

/// <summary>An object store could not do what was asked. Messages name the object, never its content.</summary>
public class ObjectStoreException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>There is no object of this name.</summary>
public sealed class ObjectNotFoundException(string name) : ObjectStoreException($"There is no object {name}.")
{
    /// <summary>The name asked for.</summary>
    public string Name { get; } = name;
}

/// <summary>A create-only put met an object of that name.</summary>
public sealed class ObjectExistsException(string name) : ObjectStoreException($"There is an object {name} already.")
{
    /// <summary>The name that is taken.</summary>
    public string Name { get; } = name;
}

/// <summary>The store does not let the object go or be replaced: a retention or a legal hold of the store's own locks it, or the permission is missing.</summary>
public sealed class ObjectLockedException(string name, Exception? inner = null) : ObjectStoreException($"The store does not let go of {name}: it is locked.", inner)
{
    /// <summary>The object that stays.</summary>
    public string Name { get; } = name;
}

/// <summary>No space or quota is left. Nothing was stored; trying again at once is pointless.</summary>
public sealed class ObjectStoreFullException(string message, Exception? inner = null) : ObjectStoreException(message, inner);

/// <summary>An outage: time-out, lost connection, 5xx. A write's effect is unknown.</summary>
public sealed class ObjectStoreUnavailableException(string message, Exception? inner = null) : ObjectStoreException(message, inner);
