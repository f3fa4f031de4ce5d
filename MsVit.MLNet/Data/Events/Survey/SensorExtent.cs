using System.Globalization;

namespace MsVit.MLNet.Events;

/// <summary>Counts events by column and by row, to find the sensor that they need, and how many of them decide its size.</summary>
internal sealed class SensorExtent
{
    /// <summary>No event camera has a longer side.</summary>
    public const int LongestSide = 2048;

    private const int Places = ushort.MaxValue + 1;

    // So many events may lie outside the size that the rest needs: one in 10,000, but at least ten unless there are few.
    private const long OneIn = 10_000, Handful = 10, FewShare = 20;

    // A size that is larger than the rest needs by this much is the work of the handful.
    private const double MuchLarger = 1.25;

    private readonly long[] _columns = new long[Places], _rows = new long[Places];

    /// <summary>The number of events.</summary>
    public long Events { get; private set; }

    /// <summary>Counts the events of a recording to its end.</summary>
    public void Read(IEventReader reader, int eventsAtOnce, CancellationToken cancellation)
    {
        var events = new CameraEvent[eventsAtOnce];
        for (int read; (read = reader.Read(events)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (ref readonly var e in events.AsSpan(0, read))
            {
                _columns[e.X]++;
                _rows[e.Y]++;
            }
            Events += read;
        }
    }

    /// <summary>Adds the counts of other recordings.</summary>
    public void Add(SensorExtent other)
    {
        for (var i = 0; i < Places; i++)
        {
            _columns[i] += other._columns[i];
            _rows[i] += other._rows[i];
        }
        Events += other.Events;
    }

    /// <summary>The smallest sensor with all events.</summary>
    public SensorSize Size() => new(Side(_columns, 0), Side(_rows, 0));

    /// <summary>The smallest sensor with all events but a handful.</summary>
    public SensorSize SizeOfMost()
    {
        var handful = Math.Max(Events / OneIn, Math.Min(Handful, Events / FewShare));
        return new(Side(_columns, handful), Side(_rows, handful));
    }

    /// <summary>Says that a handful of events decides the size, or that it is too large for a camera; null if neither is so.</summary>
    public Advice? Warning()
    {
        var (all, most) = (Size(), SizeOfMost());
        if (all.Width > most.Width * MuchLarger || all.Height > most.Height * MuchLarger)
        {
            var outside = Outside(most);
            return new(
                string.Create(CultureInfo.InvariantCulture, $"The sensor is taken as {all} because of {outside} of {Events} events; ")
                + $"the rest needs only {most}.",
                [ReadingRemedies.SmallerSensor(most)]);
        }
        return all.Width <= LongestSide && all.Height <= LongestSide ? null : new(
            $"The events need a sensor of {all}, which no known event camera has.",
            [new("If the columns are in another order", RemedyOption.Columns), new("If you know the sensor", RemedyOption.Sensor)]);
    }

    // An event may lie outside in both directions; the larger of both counts is close enough for a message.
    private long Outside(SensorSize size) => Math.Max(Beyond(_columns, size.Width), Beyond(_rows, size.Height));

    private static long Beyond(long[] counts, int side)
    {
        var beyond = 0L;
        for (var i = side; i < counts.Length; i++)
        {
            beyond += counts[i];
        }
        return beyond;
    }

    private static int Side(long[] counts, long outside)
    {
        var side = counts.Length;
        for (var left = outside; side > 1 && counts[side - 1] <= left; side--)
        {
            left -= counts[side - 1];
        }
        return Math.Min(side, ushort.MaxValue);
    }
}
