using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ListBackup.Functions;

/// <summary>
/// One JSON object per line on standard output, which Lambda carries to CloudWatch Logs. Written at once and not by a background thread: Lambda freezes the
/// process as soon as it has the answer, and what was not written by then would come minutes later, or never.
/// </summary>
public static class LambdaLog
{
    public static void AddLambdaLog(this IHostApplicationBuilder builder)
    {
        builder.Logging.Services.AddSingleton<ILoggerProvider>(new Provider(Console.OpenStandardOutput()));
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        // Each request would be several lines; the gateway's access log has them.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.Warning);
    }

    // Quotes as \" and not as \u0022: people read these lines.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal sealed class Provider(Stream output) : ILoggerProvider, ISupportExternalScope
    {
        private readonly Lock _writing = new();
        private IExternalScopeProvider? _scopes;

        public ILogger CreateLogger(string categoryName) => new Logger(categoryName, Write, () => _scopes);

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public void Dispose() => output.Flush();

        private void Write(ReadOnlySpan<byte> line)
        {
            lock (_writing)
            {
                output.Write(line);
                output.Flush();
            }
        }
    }

    private delegate void WriteLine(ReadOnlySpan<byte> line);

    private sealed class Logger(string category, WriteLine write, Func<IExternalScopeProvider?> scopes) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => scopes()?.Push(state);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            using var line = new MemoryStream();
            using (var json = new Utf8JsonWriter(line, Readable))
            {
                json.WriteStartObject();
                json.WriteString("timestamp", TimeProvider.System.GetUtcNow().UtcDateTime);
                json.WriteString("level", logLevel.ToString());
                json.WriteString("category", category);
                json.WriteString("message", formatter(state, exception));
                // Values by name, so that a query can ask for them.
                var written = new HashSet<string>(StringComparer.Ordinal);
                WriteValues(state, json, written);
                // The ids of the message that is being handled, where the line has not said them itself.
                scopes()?.ForEachScope((scope, to) => WriteValues(scope, to, written), json);
                if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } trace)
                {
                    json.WriteString("traceId", trace.TraceId.ToString());
                    json.WriteString("spanId", trace.SpanId.ToString());
                }
                if (exception is not null) json.WriteString("exception", exception.ToString());
                if (Environment.GetEnvironmentVariable("_X_AMZN_TRACE_ID") is { Length: > 0 } xray) json.WriteString("xrayTraceId", xray);
                json.WriteEndObject();
            }
            line.WriteByte((byte)'\n');
            write(line.GetBuffer().AsSpan(0, (int)line.Length));
        }

        private static void WriteValues(object? values, Utf8JsonWriter json, HashSet<string> written)
        {
            foreach (var (name, value) in values as IEnumerable<KeyValuePair<string, object?>> ?? [])
            {
                if (name != "{OriginalFormat}" && value is not null && written.Add(name)) json.WriteString(JsonEncodedText.Encode(name), value.ToString());
            }
        }
    }
}
