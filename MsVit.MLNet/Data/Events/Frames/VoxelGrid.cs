namespace MsVit.MLNet.Events;

/// <summary>Events spread over bins of time: each one over the two nearest, linearly.</summary>
/// <remarks>
/// V(b, y, x) = sum of p_i max(0, 1 - |b - t*_i|) over the events of the cell, p = +1 for ON and -1 for OFF, t*_i = (B - 1)(t_i - t_first) /
/// (t_last - t_first): Zhu, Yuan, Chaney and Daniilidis, "Unsupervised event-based learning of optical flow, depth, and egomotion"
/// (CVPR 2019), equations 1 and 2, without their bilinear kernel in space, which does nothing at whole pixels. If all events
/// have one time, or there is one bin, they are in bin 0. Times need not rise: t_first and t_last are the earliest and the latest.
/// </remarks>
public static class VoxelGrid
{
    /// <summary>Makes the grid of events in memory.</summary>
    /// <param name="events">The events.</param>
    /// <param name="bins">Bins, B, 1 to 65,535.</param>
    /// <param name="area">The pixels that are shown and in how many cells.</param>
    /// <param name="separatePolarity">Whether OFF and ON events have a channel each, both counted positive, instead of the paper's signed sum.</param>
    /// <param name="sensor">The sensor of the recording, or null; what the area says goes first.</param>
    /// <returns>[B, P, H, W]; P is 1 (ON minus OFF), or 2 (OFF, ON).</returns>
    /// <exception cref="ArgumentException">The bins are out of range, the sensor is unknown, or an event lies outside it.</exception>
    public static float[] Of(ReadOnlySpan<CameraEvent> events, int bins, EventArea area, bool separatePolarity = false, SensorSize? sensor = null)
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
            // The latest event would have the last bin on its left and none on its right.
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
