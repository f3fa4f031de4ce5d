using MsVit.MLNet.Events;

namespace MsVit.MLNet;

/// <summary>Recognizes recordings that are given where images are expected, and images where recordings are.</summary>
internal static class OtherKind
{
    /// <summary>Says that the data holds the other kind, followed by a space; empty if that does not show in its columns.</summary>
    /// <param name="columns">The names of the data's columns.</param>
    /// <param name="frames">Whether event frames are expected, and not images.</param>
    public static string Note(IEnumerable<string> columns, bool frames)
    {
        var names = columns.ToHashSet();
        return frames && names.Contains(ImageColumns.Image) && !names.Contains(EventColumns.Path)
            ? "The data holds images, but recordings of an event camera are expected. "
            : !frames && names.IsSupersetOf([EventColumns.Path, EventColumns.SensorWidth]) && !names.Contains(ImageColumns.Image)
            ? "The data holds recordings of an event camera, but images are expected. "
            : "";
    }
}
