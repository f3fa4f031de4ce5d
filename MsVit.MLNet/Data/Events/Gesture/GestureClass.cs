namespace MsVit.MLNet.Events;

/// <summary>The eleven gestures of DVS128 Gesture.</summary>
public static class GestureClass
{
    /// <summary>The names of labels 0 to 10, from the data set's readme.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "hand clapping", "right hand wave", "left hand wave", "right arm clockwise", "right arm counter clockwise", "left arm clockwise",
        "left arm counter clockwise", "arm roll", "air drums", "air guitar", "other gestures",
    ];
}
