using System.Diagnostics.CodeAnalysis;

namespace MsVit.MLNet.Events;

/// <summary>Maps an event's pixel to a cell of a frame, with one table for columns and one for rows.</summary>
internal sealed class EventCells
{
    private const int Outside = -1;

    public EventCells(EventArea area, SensorSize? recorded)
    {
        Sensor = area.KnownSensor(recorded);
        var box = area.Box(recorded);
        Size = area.FrameSize(recorded);
        Columns = Table(Sensor.Width, box.Left, box.Width, Size.Width, step: 1);
        Rows = Table(Sensor.Height, box.Top, box.Height, Size.Height, step: Size.Width);
    }

    public SensorSize Sensor { get; }

    /// <summary>The width and height of a frame.</summary>
    public SensorSize Size { get; }

    /// <summary>The number of cells in one channel, H x W.</summary>
    public int Plane => Size.Width * Size.Height;

    /// <summary>For each sensor column, the column of the cell; negative outside the box.</summary>
    public int[] Columns { get; }

    /// <summary>For each sensor row, the first cell of the cell's row; negative outside the box.</summary>
    public int[] Rows { get; }

    /// <summary>The event's cell within a channel; negative if the event is outside the box.</summary>
    public int Of(in CameraEvent e)
    {
        if (e.X >= Columns.Length || e.Y >= Rows.Length)
        {
            ThrowOffSensor(e);
        }
        var (column, row) = (Columns[e.X], Rows[e.Y]);
        return (column | row) < 0 ? Outside : column + row;
    }

    [DoesNotReturn]
    public void ThrowOffSensor(in CameraEvent e) =>
        throw new ArgumentException($"The event at column {e.X}, row {e.Y} (time {e.Time}) is outside the sensor, {Sensor}.");

    private static int[] Table(int pixels, int first, int shown, int cells, int step)
    {
        var table = new int[pixels];
        Array.Fill(table, Outside);
        for (var i = 0; i < shown; i++)
        {
            table[first + i] = (int)((long)i * cells / shown) * step;
        }
        return table;
    }
}
