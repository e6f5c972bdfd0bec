using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>A place of the customer's own where finished exports are laid.</summary>
public interface IExportDestination
{
    /// <summary>Stores a file whole or not at all, replacing one of the same name.</summary>
    /// <param name="name">Parts of <c>A-Z a-z 0-9 . _ -</c> between slashes, below the place that the customer chose.</param>
    /// <param name="content">Read once, to its end.</param>
    /// <param name="file">How many bytes it has, and their SHA-256: the destination must hold exactly these.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DestinationException">It was not stored.</exception>
    Task PutAsync(string name, Stream content, ExportFile file, CancellationToken cancellation);

    /// <summary>Removes a file. None there: nothing happens.</summary>
    /// <exception cref="DestinationException">It is still there.</exception>
    Task DeleteAsync(string name, CancellationToken cancellation);
}

/// <summary>Opens destinations.</summary>
public interface IExportDestinations
{
    /// <summary>Refuses, by field, a destination that this installation does not serve.</summary>
    void Check(Destination destination, IDictionary<string, string[]> errors);

    /// <param name="account">Whose.</param>
    /// <param name="destination">One that was checked.</param>
    /// <param name="secret">Of a bucket; empty for a folder.</param>
    IExportDestination Open(AccountId account, Destination destination, string secret);
}

/// <summary>A destination did not take a file, for a person who can act.</summary>
/// <param name="message">What was answered, without secrets.</param>
/// <param name="isFinal">True: trying again changes nothing until somebody changes the destination.</param>
/// <param name="inner">What happened.</param>
public sealed class DestinationException(string message, bool isFinal, Exception? inner = null) : Exception(message, inner)
{
    public bool IsFinal => isFinal;
}
