namespace MsVit.MLNet.Events;

/// <summary>A recording of DVS128 Gesture and the gestures in it.</summary>
/// <param name="Path">The recording, AEDAT 3.1.</param>
/// <param name="Windows">Its gestures, in the order of the labels file.</param>
public sealed record GestureTrial(string Path, IReadOnlyList<GestureWindow> Windows);
