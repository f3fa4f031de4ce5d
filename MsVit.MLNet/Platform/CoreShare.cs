using System.Globalization;
using System.Numerics;

namespace MsVit.MLNet;

/// <summary>A training's share of the cores, which the trainings on one machine divide among themselves.</summary>
/// <remarks>
/// Each training holds a locked file in a folder of the user. The file's name has the set of cores that its process may use, as a bit
/// mask. A core that several trainings may use counts for each of them in equal parts. A training that ends or dies loses its lock, so
/// the others take over its cores.
/// </remarks>
internal sealed class CoreShare : IDisposable
{
    private const string Extension = ".training";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly string _folder;
    private readonly BigInteger _cores;
    private readonly int _most;
    private readonly TimeProvider _time;
    private readonly Action<string> _notice;
    private readonly FileStream? _own;
    private long _asked;
    private int _threads;

    private CoreShare(string folder, BigInteger cores, int most, TimeProvider time, Action<string> notice)
    {
        // In full, as a FileStream names its file: the share's own file must be known among the others.
        (_folder, _cores, _most, _time, _notice) = (Path.GetFullPath(folder), cores, most, time, notice);
        _own = Register();
        _threads = most;
        Ask();
    }

    /// <summary>Joins the trainings of this user on this machine.</summary>
    /// <param name="notice">Receives a line whenever the share changes.</param>
    public static CoreShare Join(Action<string> notice) =>
        Join(UserFolder(), CoreMask.OfThisProcess(), Environment.ProcessorCount, TimeProvider.System, notice);

    /// <summary>Joins the trainings of a folder.</summary>
    /// <param name="folder">The folder, which is created.</param>
    /// <param name="cores">The cores that this process may use, a bit each, at least one.</param>
    /// <param name="most">The threads of a training that shares with nobody, 1 or more.</param>
    /// <param name="time">Limits how often the folder is read.</param>
    /// <param name="notice">Receives a line whenever the share changes.</param>
    internal static CoreShare Join(string folder, BigInteger cores, int most, TimeProvider time, Action<string> notice) =>
        new(folder, cores, most, time, notice);

    /// <summary>How many threads this training should use now, 1 or more. The folder is read every two seconds at most.</summary>
    public int Threads
    {
        get
        {
            if (_time.GetElapsedTime(_asked) >= Interval)
            {
                Ask();
            }
            return _threads;
        }
    }

    /// <summary>Counts the trainings now, however short ago that was done.</summary>
    public void Recount() => Ask();

    /// <summary>Leaves the cores to the other trainings.</summary>
    public void Dispose() => _own?.Dispose();

    private void Ask()
    {
        var (threads, others) = Count();
        if (threads != _threads)
        {
            _notice(others > 0
                ? $"{Counted.Of(others, "other training runs", "other trainings run")} on these cores: torch uses {threads} of {_most} "
                    + "threads."
                : $"No other training runs on these cores any more: torch uses {Counted.Of(threads, "thread")}.");
        }
        (_threads, _asked) = (threads, _time.GetTimestamp());
    }

    // Sharing is a courtesy: where no folder can be written, a training runs as if it were alone.
    private FileStream? Register()
    {
        try
        {
            Directory.CreateDirectory(_folder);
            var name = string.Create(CultureInfo.InvariantCulture, $"{_cores:x}-{Environment.ProcessId}-{Guid.NewGuid():N}{Extension}");
            return new FileStream(Path.Combine(_folder, name), new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                Options = FileOptions.DeleteOnClose,
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private (int Threads, int Others) Count()
    {
        if (_own is null)
        {
            return (_most, 0);
        }
        BigInteger[] sets =
        [
            _cores,
            .. Others().Select(CoresOf).Where(set => !(set & _cores).IsZero),
        ];
        var bits = Enumerable.Range(0, (int)_cores.GetBitLength()).Where(core => Has(_cores, core)).ToArray();
        var share = bits.Average(core => 1.0 / sets.Count(set => Has(set, core)));
        // Rounding must not cost a thread: three trainings on three cores have a core each.
        return (Math.Max(1, (int)((_most * share) + 1e-9)), sets.Length - 1);

        static bool Has(BigInteger set, int core) => !(set >> core).IsEven;
    }

    private string[] Others()
    {
        try
        {
            return [.. Directory.EnumerateFiles(_folder, "*" + Extension).Where(IsAlive)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody has deleted the folder: nobody can be seen, and nothing else depends on it.
            return [];
        }
    }

    // The lock tells: a file that can be opened belongs to a training that has died.
    private bool IsAlive(string file)
    {
        if (file == _own!.Name)
        {
            return false;
        }
        try
        {
            using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
            }
            File.Delete(file);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static BigInteger CoresOf(string file) => CoreMask.Parse(Path.GetFileName(file).Split('-')[0]);

    // Private to the user where the system has such a place.
    private static string UserFolder()
    {
        var runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        return Directory.Exists(runtime)
            ? Path.Combine(runtime, "msvit")
            : Path.Combine(Path.GetTempPath(), $"msvit-{Environment.UserName}");
    }
}
