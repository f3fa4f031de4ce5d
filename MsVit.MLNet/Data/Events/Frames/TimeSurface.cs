namespace MsVit.MLNet.Events;

/// <summary>How recently each pixel had an event, fading exponentially, looked at T times during the recording.</summary>
/// <remarks>
/// S(k, p, y, x) = exp(-(t_k - last(p, y, x)) / tau), where last is the time of the cell's latest event of polarity p up to t_k, and 0 before
/// the first: the time surface of HOTS (Lagorce, Orchard, Galluppi, Shi and Benosman, IEEE TPAMI 39, 2017, equation 3), over
/// the whole sensor instead of a neighborhood of each event. It is not the averaged surface of HATS (Sironi et al., CVPR 2018).
/// It is looked at where T equal stretches of time end: t_k = t_first + (k + 1)(t_last - t_first) / T, rounded down.
/// </remarks>
public static class TimeSurface
{
    /// <summary>Makes the surfaces of events in memory.</summary>
    /// <param name="events">The events; their times must not fall.</param>
    /// <param name="timeSteps">Surfaces, T, 1 to 65,535.</param>
    /// <param name="decay">tau in microseconds, above 0.</param>
    /// <param name="area">The pixels that are shown and in how many cells; a cell of several pixels keeps the latest of their events.</param>
    /// <param name="sensor">The sensor of the recording, or null; what the area says goes first.</param>
    /// <returns>[T, 2, H, W] in 0..1, channel 1 = ON; all 0 without events.</returns>
    /// <exception cref="ArgumentException">An argument is out of range, the sensor is unknown, an event lies outside it, or times fall.</exception>
    public static float[] Of(ReadOnlySpan<CameraEvent> events, int timeSteps, double decay, EventArea area, SensorSize? sensor = null)
    {
        ArgumentNullException.ThrowIfNull(area);
        ArgumentOutOfRangeException.ThrowIfLessThan(timeSteps, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeSteps, EventFrameOptions.MaxTimeSteps);
        if (!(decay > 0) || !double.IsFinite(decay))
        {
            throw new ArgumentOutOfRangeException(nameof(decay), decay, "tau must be a finite number above 0.");
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
                    throw new ArgumentException($"The time falls from {events[next - 1].Time} to {e.Time} at event {next}: sort the events first.");
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
