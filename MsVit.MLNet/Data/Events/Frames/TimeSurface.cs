namespace MsVit.MLNet.Events;

/// <summary>Exponentially decaying time surfaces: how recently each pixel had an event, sampled T times during the recording.</summary>
/// <remarks>
/// S(k, p, y, x) = exp(-(t_k - last(p, y, x)) / tau), where last is the time of the cell's latest event of polarity p up to t_k; S is 0
/// before the first event. This is the time surface of HOTS (Lagorce, Orchard, Galluppi, Shi and Benosman, IEEE TPAMI 39, 2017, equation
/// 3), for the whole sensor instead of a neighborhood of each event. It is not the averaged surface of HATS (Sironi et al., CVPR 2018).
/// Samples are taken at the ends of T equal intervals: t_k = t_first + (k + 1)(t_last - t_first) / T, rounded down.
/// </remarks>
public static class TimeSurface
{
    /// <summary>Computes the surfaces of events in memory.</summary>
    /// <param name="events">The events, sorted by time.</param>
    /// <param name="timeSteps">The number of surfaces, T, 1 to 65,535.</param>
    /// <param name="decay">tau in microseconds, above 0.</param>
    /// <param name="area">
    /// The part of the sensor to show, and the size of a surface. A cell of several pixels keeps the latest of their events.
    /// </param>
    /// <param name="sensor">The sensor size in the recording, or null. The area takes precedence.</param>
    /// <returns>[T, 2, H, W] in 0..1, channel 1 = ON; all 0 without events.</returns>
    /// <exception cref="ArgumentException">
    /// An argument is out of range, the sensor size is unknown, an event is outside the sensor, or times are not sorted.
    /// </exception>
    public static float[] Of(ReadOnlySpan<CameraEvent> events, int timeSteps, double decay, EventArea area, SensorSize? sensor = null)
    {
        ArgumentNullException.ThrowIfNull(area);
        ArgumentOutOfRangeException.ThrowIfLessThan(timeSteps, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeSteps, EventFrameOptions.MaxTimeSteps);
        if (!(decay > 0) || !double.IsFinite(decay))
        {
            throw new ArgumentOutOfRangeException(nameof(decay), decay, "tau must be positive and finite.");
        }
        var cells = new EventCells(area, sensor);
        var surfaces = new float[checked(timeSteps * 2 * cells.Plane)];
        var last = new long?[2 * cells.Plane];
        var extent = EventExtent.Of(events);
        var next = 0;
        for (var k = 0; k < timeSteps; k++)
        {
            var looked = (ulong)((UInt128)extent.Span * (ulong)(k + 1) / (ulong)timeSteps);
            for (; next < events.Length && unchecked((ulong)(events[next].Time - extent.Earliest)) <= looked; next++)
            {
                var e = events[next];
                if (next > 0 && e.Time < events[next - 1].Time)
                {
                    throw new ArgumentException(
                        $"The time falls from {events[next - 1].Time} to {e.Time} at event {next}: sort the events by time.");
                }
                var cell = cells.Of(e);
                if (cell >= 0)
                {
                    last[cell + (e.On ? cells.Plane : 0)] = e.Time;
                }
            }
            Fade(last, unchecked(extent.Earliest + (long)looked), decay, surfaces.AsSpan(k * last.Length, last.Length));
        }
        return surfaces;
    }

    private static void Fade(long?[] last, long now, double decay, Span<float> surface)
    {
        for (var i = 0; i < last.Length; i++)
        {
            surface[i] = last[i] is { } time ? (float)Math.Exp(-(now - time) / decay) : 0;
        }
    }
}
