namespace MsVit.MLNet.Events;

/// <summary>Feeds a decoder with a recording's bytes.</summary>
internal sealed class DecodedSource<TDecoder>(EventInput input, TDecoder decoder, SensorSize? sensor) : IEventSource
    where TDecoder : struct, IEventDecoder
{
    // Calling the decoder for fewer bytes is inefficient unless the file ends.
    private const int MinFill = 4096;

    private TDecoder _decoder = decoder;
    private TDecoder _before = decoder;
    private int _taken;

    public SensorSize? Sensor => sensor;

    public int ClockBits => _decoder.ClockBits;

    public int Read(Span<CameraEvent> events)
    {
        while (true)
        {
            input.Window.Fill(MinFill);
            var unread = input.Window.Unread;
            _before = _decoder;
            var decoder = _decoder;
            var progress = decoder.Decode(unread, events, input, input.Window.Position);
            _decoder = decoder;
            input.Window.Advance(progress.Bytes);
            input.Tally.Skipped = _decoder.Skipped;
            _taken = progress.Bytes;
            if (progress.Events > 0)
            {
                return progress.Events;
            }
            if (progress.Bytes == 0)
            {
                CheckEnd(unread.Length);
                return 0;
            }
        }
    }

    // Decodes the last block again, event by event.
    public string Location(int index)
    {
        var bytes = input.Window.Passed(_taken);
        var start = input.Window.Position - _taken;
        var at = 0;
        Span<CameraEvent> one = stackalloc CameraEvent[1];
        var decoder = _before;
        for (var events = 0; events <= index;)
        {
            var progress = decoder.Decode(bytes[at..], one, input, start + at);
            at += progress.Bytes;
            events += progress.Events;
        }
        return $"byte {start + at - _decoder.RecordLength}";
    }

    public void Dispose()
    {
    }

    private void CheckEnd(int left)
    {
        if (left > 0 || _decoder.PartialBytes > 0)
        {
            input.Truncated(input.Window.Position - _decoder.PartialBytes, left + _decoder.PartialBytes, _decoder.PartName);
            input.Window.Advance(left);
        }
    }
}
