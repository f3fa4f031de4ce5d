using System.Globalization;

namespace MsVit.MLNet.Events;

/// <summary>Makes the frames of a network from frames that were saved to a file.</summary>
internal static class StoredEventFrames
{
    /// <summary>Takes saved frames as they are.</summary>
    /// <param name="stored">The frames, [T, C, H, W].</param>
    /// <param name="options">The number and the size of the frames that are wanted.</param>
    /// <param name="name">The file, for errors.</param>
    /// <exception cref="EventFormatException">The sizes differ, or a value is not a count of events.</exception>
    public static EventFrames Fit(StoredFrames stored, EventFrameOptions options, string name)
    {
        var size = options.Area.Size ?? options.Area.Sensor ?? new(stored.Width, stored.Height);
        var max = Math.Min(byte.MaxValue, options.MaxCount ?? byte.MaxValue);
        var wanted = (options.TimeSteps, options.Channels, size.Width, size.Height);
        if ((stored.TimeSteps, stored.Channels, stored.Width, stored.Height) != wanted)
        {
            throw new EventFormatException(
                name,
                "array frames",
                $"the file has {stored.TimeSteps} frames of {stored.Channels} x {stored.Height} x {stored.Width}; the network takes "
                + $"{options.TimeSteps} of {options.Channels} x {size.Height} x {size.Width}. "
                + "Saved frames cannot be split or scaled: use a network of that size, or the recordings that they were made from.",
                stored.TimeSteps == options.TimeSteps
                    ? []
                    : [new("To take as many", RemedyOption.TimeSteps, stored.TimeSteps.ToString(CultureInfo.InvariantCulture))]);
        }
        var counts = new byte[stored.Values.Length];
        var cut = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            var value = stored.Values[i];
            if (!(value >= 0) || value != MathF.Floor(value) || !float.IsFinite(value))
            {
                throw new EventFormatException(
                    name, "array frames", $"element {i} is {value}; expected whole numbers of events, 0 or more.");
            }
            counts[i] = (byte)Math.Min(value, max);
            cut += (long)(Math.Min(value, uint.MaxValue) - counts[i]);
        }
        return counts.AsSpan().ContainsAnyExcept((byte)0)
            ? new(counts, null, stored.TimeSteps, stored.Channels, size) { Cut = cut }
            : throw new EventFormatException(name, "array frames", "all frames are empty. Remove the file from the data.");
    }
}
