namespace MsVit.MLNet.Events;

/// <summary>A gesture within a trial of DVS128 Gesture: the events with Start &lt;= time &lt; End. Windows may overlap, and a class may recur.</summary>
/// <param name="Class">1 to 11, as the labels file counts.</param>
/// <param name="Start">In microseconds, as the recording counts them.</param>
/// <param name="End">After the start.</param>
public readonly record struct GestureWindow(int Class, long Start, long End)
{
    /// <summary>The label of a classifier, 0 to 10.</summary>
    public int Label => Class - 1;
}
