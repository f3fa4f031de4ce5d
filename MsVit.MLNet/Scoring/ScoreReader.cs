using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>Reads the prediction of one row from the scores of a batch.</summary>
internal static class ScoreReader
{
    /// <summary>The probabilities of a row; all NaN if its input could not be read and that is allowed.</summary>
    public static void Score(ReadOnlySpan<float> scores, int row, int classes, UndecodableImageException? fault, ref VBuffer<float> value)
    {
        var editor = VBufferEditor.Create(ref value, classes);
        if (fault is null)
        {
            scores.Slice(row * classes, classes).CopyTo(editor.Values);
        }
        else
        {
            editor.Values.Fill(float.NaN);
        }
        value = editor.Commit();
    }

    /// <summary>The key, from 1, of the most probable class (of equals, the first); 0 (missing) if the input could not be read.</summary>
    public static uint Predicted(ReadOnlySpan<float> scores, int row, int classes, UndecodableImageException? fault)
    {
        if (fault is not null)
        {
            return 0;
        }
        var own = scores.Slice(row * classes, classes);
        var best = 0;
        for (var i = 1; i < own.Length; i++)
        {
            if (own[i] > own[best])
            {
                best = i;
            }
        }
        return (uint)best + 1;
    }
}
