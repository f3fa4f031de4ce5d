namespace MsVit.MLNet.Events;

/// <summary>How a recording is cut into frames.</summary>
public enum EventSplit
{
    /// <summary>Into runs of equally many events; the last takes the rest.</summary>
    Number,

    /// <summary>Into equally long stretches of time; the last takes the rest.</summary>
    Time,

    /// <summary>Into windows of a given length.</summary>
    Window,
}
