namespace Amazon.Lambda.SQSEvents;

/// <summary>A batch of messages from one queue.</summary>
public class SQSEvent
{
    public List<SQSMessage>? Records { get; set; }

    public class SQSMessage
    {
        public string? MessageId { get; set; }

        public string? ReceiptHandle { get; set; }

        public string? Body { get; set; }

        public string? EventSourceArn { get; set; }

        /// <summary>Set by SQS: ApproximateReceiveCount, SentTimestamp, MessageGroupId …</summary>
        public Dictionary<string, string>? Attributes { get; set; }

        /// <summary>What the sender said beside the body.</summary>
        public Dictionary<string, MessageAttribute>? MessageAttributes { get; set; }
    }

    public class MessageAttribute
    {
        public string? StringValue { get; set; }

        public string? DataType { get; set; }
    }
}
