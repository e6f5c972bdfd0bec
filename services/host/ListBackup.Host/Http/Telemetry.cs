using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ListBackup.Host;

/// <summary>Traces and metrics by OpenTelemetry, sent only where the standard variable OTEL_EXPORTER_OTLP_ENDPOINT says where to.</summary>
public static class Telemetry
{
    /// <summary>Our own meters and activity sources are named so, or begin so.</summary>
    public const string Name = "ListBackup";

    public static void AddTelemetry(this IServiceCollection services)
    {
        if (Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is not { Length: > 0 }) return;
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("listbackup-host", serviceVersion: ProductVersion.Current.Version))
            .WithTracing(traces => traces.AddSource($"{Name}*").AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddOtlpExporter())
            .WithMetrics(metrics => metrics.AddMeter($"{Name}*").AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeMeters().AddOtlpExporter());
    }

    private static MeterProviderBuilder AddRuntimeMeters(this MeterProviderBuilder metrics) => metrics.AddMeter("System.Runtime");
}
