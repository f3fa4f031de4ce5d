namespace MsVit.MLNet.Events;

/// <summary>
/// Decodes consecutive records of equal length up to the end of the file: runs of events quickly, other records by the format's rule.
/// </summary>
internal struct RecordDecoder<TRule>(RecordLayout layout, TRule start, string partName) : IEventDecoder
    where TRule : struct, IRecordRule
{
    private readonly RecordKernel _kernel = new(layout);
    private TRule _rule = start;

    public readonly int RecordLength => layout.Length;

    public readonly int ClockBits => _rule.ClockBits;

    public readonly string PartName => partName;

    public readonly long PartialBytes => 0;

    public long Skipped { readonly get; private set; }

    public Progress Decode(ReadOnlySpan<byte> bytes, Span<CameraEvent> events, EventInput input, long offset)
    {
        var (at, written) = (0, 0);
        var rule = _rule;
        while (bytes.Length - at >= layout.Length && written < events.Length)
        {
            if (rule.HasTime)
            {
                var run = _kernel.Decode(bytes[at..], events[written..], rule.TimeBase);
                at += run * layout.Length;
                written += run;
            }
            // Markers come in groups: process all of them before calling the kernel again.
            while (bytes.Length - at >= layout.Length && written < events.Length)
            {
                var record = layout.Record(bytes[at..]);
                if (rule.HasTime && layout.IsRegular(record))
                {
                    break;
                }
                if (rule.ProblemOf(record) is { } reason)
                {
                    _rule = rule;
                    return at > 0 ? new(at, written) : throw input.Error(offset, reason, rule.Remedies);
                }
                if (rule.IsEvent(record))
                {
                    events[written++] = layout.Event(record, rule.TimeBase);
                }
                else
                {
                    Skipped++;
                }
                at += layout.Length;
            }
        }
        _rule = rule;
        return new(at, written);
    }
}
