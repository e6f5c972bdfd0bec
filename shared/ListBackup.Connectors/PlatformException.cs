using System.Globalization;
using System.Net;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors;

/// <summary>
/// The platform did not do what the manifest expects of it. Carries where it happened; never a secret, never a record's content, never a full
/// url (platforms put keys into urls).
/// </summary>
public abstract class PlatformException(string what, PlatformFailure failure) : Exception
{
    public override string Message => $"{Failure.Where} {what}{Failure.Hint}";

    public PlatformFailure Failure { get; private set; } = failure;

    public string? Stream => Failure.Stream;

    /// <summary>The page that failed, counted from 1 over the whole read; 0 when it was not a page.</summary>
    public long Page => Failure.Page;

    public HttpStatusCode? Status => Failure.Status;

    /// <summary>True when the same request may work later without anybody changing anything.</summary>
    public abstract bool MayPassLater { get; }

    /// <summary>When it makes sense to try again, if the platform or the budget said so.</summary>
    public virtual TimeSpan? RetryAfter => null;

    /// <summary>Tells where the read was, when the request was sent before its turn.</summary>
    internal void Place(long page, PageEvidence evidence) => Failure = Failure with { Page = page, Evidence = evidence };
}

/// <summary>Where a platform failed.</summary>
public sealed record PlatformFailure
{
    public string? Stream { get; init; }

    public long Page { get; init; }

    public HttpStatusCode? Status { get; init; }

    public string? Host { get; init; }

    /// <summary>What the read had seen until then.</summary>
    public PageEvidence Evidence { get; init; } = PageEvidence.Nothing;

    /// <summary>The manifest's own words for this failure, when they are constant text.</summary>
    public string? ManifestMessage { get; init; }

    /// <summary>How many times the request was retried before giving up.</summary>
    public int Retries { get; init; }

    internal string Where => (Stream, Page) switch
    {
        (null, _) => Host ?? "The platform",
        (_, 0) => $"Stream {Stream}: {Host ?? "the platform"}",
        _ => $"Stream {Stream}, page {Page}: {Host ?? "the platform"}",
    };

    internal string Hint => ManifestMessage is null ? "" : $" {ManifestMessage}";
}

/// <summary>401, or what the manifest declares to be one: the credentials are wrong, expired or revoked. Needs a person.</summary>
public sealed class PlatformUnauthorizedException(PlatformFailure failure)
    : PlatformException($"refused the credentials{Answer.Status(failure)}.", failure)
{
    public override bool MayPassLater => false;
}

/// <summary>403: the credentials are good, the right (scope, plan, role) is missing. Needs a person.</summary>
public sealed class PlatformForbiddenException(PlatformFailure failure)
    : PlatformException($"does not allow this with the granted scopes{Answer.Status(failure)}.", failure)
{
    public override bool MayPassLater => false;
}

/// <summary>429, a spent budget, or a wait longer than <see cref="ConnectorPorts.WaitMax"/>.</summary>
public sealed class PlatformRateLimitedException(TimeSpan retryAfter, PlatformFailure failure)
    : PlatformException($"asks to come back in {retryAfter.TotalSeconds:0} s{Answer.Status(failure)}.", failure)
{
    public override bool MayPassLater => true;

    public override TimeSpan? RetryAfter => retryAfter;
}

/// <summary>The customer's own ceiling: the share of the platform's daily quota that the connection leaves to backups is used up. Nothing was sent.</summary>
public sealed class PlatformDailyCeilingException(TimeSpan retryAfter, DailyCeiling ceiling, PlatformFailure failure)
    : PlatformException(
        string.Create(CultureInfo.InvariantCulture, $"is left alone until {ceiling.Until:yyyy-MM-dd HH:mm} UTC. The connection gives backups {ceiling.Percent} % of its daily quota, {ceiling.RequestsMax:N0} of {ceiling.Quota:N0} requests, and they are used up."),
        failure)
{
    public override bool MayPassLater => true;

    public override TimeSpan? RetryAfter => retryAfter;

    public DailyCeiling Ceiling => ceiling;
}

/// <summary>5xx or a transient failure by the manifest, still there after the retries.</summary>
public sealed class PlatformServerException(PlatformFailure failure)
    : PlatformException($"failed{Answer.Status(failure)} after {failure.Retries} retries.", failure)
{
    public override bool MayPassLater => true;
}

/// <summary>An answer that is final and not expected: 400, 404, 422 …</summary>
public sealed class PlatformRefusedException(PlatformFailure failure)
    : PlatformException($"refused the request{Answer.Status(failure)}.", failure)
{
    public override bool MayPassLater => false;
}

/// <summary>The answer is not what the manifest's decoder reads: an HTML page, half a document, too deep.</summary>
public sealed class PlatformNotReadableException(string why, PlatformFailure failure)
    : PlatformException($"sent an answer that cannot be read: {why}.", failure)
{
    /// <summary>Garbage mostly comes from a proxy or an outage page.</summary>
    public override bool MayPassLater => true;
}

/// <summary>No answer in time.</summary>
public sealed class PlatformTimedOutException(TimeSpan after, PlatformFailure failure)
    : PlatformException($"did not answer within {after.TotalSeconds:0} s.", failure)
{
    public override bool MayPassLater => true;
}

/// <summary>No connection: name not found, refused, TLS failure, broken off.</summary>
public sealed class PlatformUnreachableException(string why, PlatformFailure failure)
    : PlatformException($"cannot be reached: {why}.", failure)
{
    public override bool MayPassLater => true;
}

/// <summary>An answer, or a single record of one, larger than the limit.</summary>
public sealed class PlatformTooLargeException(long bytesMax, PlatformFailure failure, string what = "answer")
    : PlatformException($"sent more than {bytesMax:N0} bytes in one {what}.", failure)
{
    public override bool MayPassLater => false;
}

/// <summary>More parents than can be told apart, where the manifest wants each of them once.</summary>
public sealed class PlatformTooManyException(int partitionsMax, PlatformFailure failure)
    : PlatformException($"has more than {partitionsMax:N0} partitions, which is more than can be grouped or united. Switch deduplicate off in the manifest, or leave some out.", failure)
{
    public override bool MayPassLater => false;
}

/// <summary>The host leads to a private, loopback, link-local or metadata address, which a customer's configuration may not reach.</summary>
public sealed class PlatformAddressException(PlatformFailure failure)
    : PlatformException("leads to a private network address, which is not allowed here.", failure)
{
    public override bool MayPassLater => false;
}

internal static class Answer
{
    public static string Status(PlatformFailure failure) => failure.Status is { } status ? $" (status {(int)status})" : "";
}
