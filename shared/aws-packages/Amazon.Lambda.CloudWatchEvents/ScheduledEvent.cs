namespace Amazon.Lambda.CloudWatchEvents.ScheduledEvents;

/// <summary>A tick of an EventBridge schedule.</summary>
public class ScheduledEvent : CloudWatchEvent<Detail>;

/// <summary>A tick carries nothing.</summary>
public class Detail;
