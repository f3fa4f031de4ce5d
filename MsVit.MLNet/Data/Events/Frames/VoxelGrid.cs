namespace MsVit.MLNet.Events;

/// <summary>A voxel grid: each event is distributed linearly over the two nearest time bins.</summary>
/// <remarks>
/// V(b, y, x) = sum of p_i max(0, 1 - |b - t*_i|) over the events of the cell, with p = +1 for ON and -1 for OFF, and
/// t*_i = (B - 1)(t_i - t_first) / (t_last - t_first): Zhu, Yuan, Chaney and Daniilidis, "Unsupervised event-based learning of optical
/// flow, depth, and egomotion" (CVPR 2019), equations 1 and 2, without the bilinear kernel in space, which has no effect at integer pixels.
/// If all events have the same time, or there is one bin, they are in bin 0. Times need not be sorted: t_first and t_last are the earliest
/// and latest.
/// </remarks>
public static class VoxelGrid
{
    /// <summary>Computes the grid of events in memory.</summary>
    /// <param name="events">The events.</param>
    /// <param name="bins">The number of bins, B, 1 to 65,535.</param>
    /// <param name="area">The part of the sensor to show, and the size of the grid.</param>
    /// <param name="separatePolarity">
    /// Whether OFF and ON events have separate channels, both counted as positive, instead of the paper's signed sum.
    /// </param>
    /// <param name="sensor">The sensor size in the recording, or null. The area takes precedence.</param>
    /// <returns>[B, P, H, W]; P is 1 (ON minus OFF) or 2 (OFF, ON).</returns>
    /// <exception cref="ArgumentException">
    /// The bins are out of range, the sensor size is unknown, or an event is outside the sensor.
    /// </exception>
    public static float[] Of(
        ReadOnlySpan<CameraEvent> events,
        int bins,
        EventArea area,
        bool separatePolarity = false,
        SensorSize? sensor = null)
    {
        ArgumentNullException.ThrowIfNull(area);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bins, EventFrameOptions.MaxTimeSteps);
        var cells = new EventCells(area, sensor);
        var bin = cells.Plane * (separatePolarity ? 2 : 1);
        var grid = new float[checked(bins * bin)];
        var extent = EventExtent.Of(events);
        var scale = extent.Span == 0 ? 0 : (bins - 1) / (double)extent.Span;
        foreach (ref readonly var e in events)
        {
            var cell = cells.Of(e);
            if (cell < 0)
            {
                continue;
            }
            var time = unchecked((ulong)(e.Time - extent.Earliest)) * scale;
            // The latest event falls exactly on the last bin and has no right neighbor.
            var left = Math.Min((int)time, Math.Max(bins - 2, 0));
            var share = (float)(time - left);
            var sign = separatePolarity || e.On ? 1f : -1f;
            var at = (left * bin) + cell + (separatePolarity && e.On ? cells.Plane : 0);
            grid[at] += sign * (1 - share);
            if (share > 0)
            {
                grid[at + bin] += sign * share;
            }
        }
        return grid;
    }
}
