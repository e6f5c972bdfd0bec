using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Catalogue.Tests;

/// <summary>
/// A vendor's API as its documentation tells it, over tables in memory and a clock of its own. One file per vendor: routes in the constructor, then what
/// they do, then the seed.
/// </summary>
public abstract class VendorFake
{
    private readonly Lock _lock = new();
    private readonly List<(string Method, string[] Path, Func<VendorRequest, VendorAnswer> Handler)> _routes = [];
    private readonly List<VendorRequest> _log = [];
    private readonly List<Fault> _faults = [];

    /// <summary>The folder in connectors/.</summary>
    public abstract string Platform { get; }

    /// <summary>The hosts that the vendor answers on. A request to any other is a mistake of the manifest.</summary>
    public abstract IReadOnlyList<string> Hosts { get; }

    /// <summary>A configuration that works.</summary>
    public abstract object Config { get; }

    /// <summary>The same with a secret that the vendor does not know.</summary>
    public abstract object BadConfig { get; }

    /// <summary>The configuration of a connection by OAuth, where the vendor has it.</summary>
    public virtual object? OAuthConfig => null;

    public virtual VendorTokens? Tokens => null;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>Called with each request before it is answered: the place to change the account while it is read.</summary>
    public Action<VendorRequest>? Before { get; set; }

    public IReadOnlyList<VendorRequest> Log
    {
        get
        {
            lock (_lock) return [.. _log];
        }
    }

    /// <summary>The records of a stream as a backup must have them, archived ones included.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such stream.</exception>
    public abstract IEnumerable<JsonObject> Truth(string stream);

    /// <summary>The vendor's refusal of a request too many.</summary>
    public abstract VendorAnswer TooManyRequests(TimeSpan wait);

    /// <summary>What happens in an account while nobody changes anything: counters, last-seen times, signed links.</summary>
    public virtual void Browse()
    {
    }

    /// <summary>The next requests whose path contains a text are answered so, after letting some pass.</summary>
    public void AnswerNext(string path, VendorAnswer answer, int count = 1, int skip = 0)
    {
        lock (_lock) _faults.Add(new Fault(path, answer, count, skip));
    }

    public VendorAnswer Answer(VendorRequest request)
    {
        // One request at a time, so that fakes need no locks.
        lock (_lock)
        {
            _log.Add(request);
            Before?.Invoke(request);
            if (!Hosts.Contains(request.Host)) return new VendorAnswer(421, $"The manifest asked the host {request.Host}.");
            if (_faults.Select(fault => fault.Take(request)).FirstOrDefault(answer => answer is not null) is { } fault) return fault;
            if (Refuse(request) is { } refusal) return refusal;

            return Find(request) is var (handler, route) ? handler(request with { Route = route }) : NotFound(request);
        }
    }

    /// <summary>The vendor's answer to a request without the right credentials; null lets it in.</summary>
    protected abstract VendorAnswer? Refuse(VendorRequest request);

    protected virtual VendorAnswer NotFound(VendorRequest request) => VendorAnswer.Of(404, new JsonObject { ["error"] = "not found" });

    /// <summary>Adds a route. <c>{name}</c> stands for one segment; earlier routes go first.</summary>
    protected void On(string method, string path, Func<VendorRequest, VendorAnswer> handler) => _routes.Add((method, path.Trim('/').Split('/'), handler));

    /// <summary>The clock's time in whole seconds, as most vendors write it.</summary>
    protected string Now(string format = "yyyy-MM-ddTHH:mm:ssZ") => Time.GetUtcNow().ToString(format, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A time before the clock's.</summary>
    protected string Ago(TimeSpan span, string format = "yyyy-MM-ddTHH:mm:ssZ") =>
        (Time.GetUtcNow() - span).ToString(format, System.Globalization.CultureInfo.InvariantCulture);

    private (Func<VendorRequest, VendorAnswer> Handler, IReadOnlyDictionary<string, string> Route)? Find(VendorRequest request)
    {
        var asked = request.Path.Trim('/').Split('/');
        foreach (var (method, path, handler) in _routes)
        {
            if (method != request.Method || path.Length != asked.Length) continue;
            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            var fits = true;
            for (var at = 0; at < path.Length && fits; at++)
            {
                if (path[at].StartsWith('{')) values[path[at].Trim('{', '}')] = Uri.UnescapeDataString(asked[at]);
                else fits = path[at] == asked[at];
            }

            if (fits) return (handler, values);
        }

        return null;
    }

    private sealed class Fault(string path, VendorAnswer answer, int count, int skip)
    {
        private int _asked;

        public VendorAnswer? Take(VendorRequest request)
        {
            if (!request.Path.Contains(path, StringComparison.Ordinal)) return null;
            var place = _asked++ - skip;
            return place >= 0 && place < count ? answer : null;
        }
    }
}
