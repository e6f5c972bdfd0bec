namespace Amazon.Lambda.Annotations.Schedule;

/// <summary>The function runs by the clock. <paramref name="schedule"/> reads <c>rate(5 minutes)</c> or <c>cron(0 12 * * ? *)</c>, in UTC.</summary>
[AttributeUsage(AttributeTargets.Method)]
public class ScheduleEventAttribute(string schedule) : Attribute
{
    public string Schedule { get; set; } = schedule;
}
