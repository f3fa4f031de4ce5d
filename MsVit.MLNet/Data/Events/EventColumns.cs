namespace MsVit.MLNet.Events;

/// <summary>The names of the columns that the loaders of event recordings make, and of the frames made from them.</summary>
public static class EventColumns
{
    /// <summary>The class name, text.</summary>
    public const string Label = "Label";

    /// <summary>The file of the recording, text.</summary>
    public const string Path = "Path";

    /// <summary>The first time of the slice in microseconds, as the recording counts them (Int64); its smallest value where there is no slice.</summary>
    public const string Start = "Start";

    /// <summary>The first time after the slice in microseconds (Int64); the largest value of the type where there is no slice.</summary>
    public const string End = "End";

    /// <summary>Columns of the sensor (Int32); 0 where neither the caller nor the file says.</summary>
    public const string SensorWidth = "SensorWidth";

    /// <summary>Rows of the sensor (Int32); 0 where neither the caller nor the file says.</summary>
    public const string SensorHeight = "SensorHeight";

    /// <summary>Frames of counts, a vector of Byte with the dimensions [T, P, H, W].</summary>
    public const string Frames = "Frames";
}
