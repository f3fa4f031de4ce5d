namespace MsVit.MLNet.Events;

/// <summary>Names of the columns of event recordings and of the frames made from them.</summary>
public static class EventColumns
{
    /// <summary>The class name, as text.</summary>
    public const string Label = "Label";

    /// <summary>The path of the recording, as text.</summary>
    public const string Path = "Path";

    /// <summary>
    /// The first time of the slice in microseconds on the recording's clock (Int64); the smallest Int64 if there is no slice.
    /// </summary>
    public const string Start = "Start";

    /// <summary>The first time after the slice in microseconds (Int64); the largest Int64 if there is no slice.</summary>
    public const string End = "End";

    /// <summary>The width of the sensor (Int32); 0 if neither the caller nor the file specifies it.</summary>
    public const string SensorWidth = "SensorWidth";

    /// <summary>The height of the sensor (Int32); 0 if neither the caller nor the file specifies it.</summary>
    public const string SensorHeight = "SensorHeight";

    /// <summary>Count frames, a vector of Byte with dimensions [T, P, H, W].</summary>
    public const string Frames = "Frames";
}
