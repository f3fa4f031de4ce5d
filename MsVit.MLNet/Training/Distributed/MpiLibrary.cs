using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>The functions of an MPI library, of Open MPI or of one with the ABI of MPICH (MPICH, Intel MPI, Cray MPICH, MS-MPI).</summary>
/// <remarks>
/// Both have the same functions. Open MPI's handles are the addresses of exported objects, MPICH's are 32-bit constants; passed as nint,
/// both take the same calls. What a function writes is set to zero before, because MPICH writes only half of it.
/// </remarks>
internal sealed unsafe class MpiLibrary
{
    private const int Multiple = 3;
    private const int Serialized = 2;
    private const int TextBytes = 8192;

    private readonly nint _library;
    private readonly string _name;
    private readonly Handles _handles;
    private readonly delegate* unmanaged<nint, void*, int, nint, nint, nint, int> _allReduce;
    private readonly delegate* unmanaged<nint, void*, int, nint, nint, nint, nint*, int> _beginAllReduce;
    private readonly delegate* unmanaged<nint*, int*, nint, int> _test;
    private readonly delegate* unmanaged<nint*, nint, int> _wait;
    private readonly bool _isOurs;

    private MpiLibrary(nint library, string name)
    {
        (_library, _name) = (library, name);
        _handles = HandlesOf(library);
        _allReduce = (delegate* unmanaged<nint, void*, int, nint, nint, nint, int>)Find("MPI_Allreduce");
        _beginAllReduce = (delegate* unmanaged<nint, void*, int, nint, nint, nint, nint*, int>)Find("MPI_Iallreduce");
        _test = (delegate* unmanaged<nint*, int*, nint, int>)Find("MPI_Test");
        _wait = (delegate* unmanaged<nint*, nint, int>)Find("MPI_Wait");
        _isOurs = Start();
    }

    /// <summary>Loads the library of a launcher and starts MPI.</summary>
    /// <param name="launch">The launcher.</param>
    /// <param name="chosen">The library that the user has chosen; null for the launcher's.</param>
    /// <param name="load">Loads a library by name or path; returns 0 on failure.</param>
    /// <exception cref="RankGroupException">There is none, or it cannot be used. The message says what to do.</exception>
    public static MpiLibrary Load(Launch launch, string? chosen, Func<string, nint> load)
    {
        IReadOnlyList<string> names = string.IsNullOrEmpty(chosen) ? launch.Libraries : [chosen];
        foreach (var name in names)
        {
            if (load(name) is var library and not 0)
            {
                return new(library, name);
            }
        }
        throw new RankGroupException(
            $"The launcher ({launch.Launcher}) started this process as rank {launch.Rank}, but no MPI library was found: looked for "
            + $"{string.Join(", ", names)}. {launch.Advice}, or set {Launch.Chosen} to the path of the library.");
    }

    /// <summary>All processes that the launcher started, as far as this library sees them.</summary>
    public nint World => _handles.World;

    /// <summary>Who makes the calls, for messages.</summary>
    public string Caller { get; set; } = "This process";

    /// <summary>Whether a call has failed. MPI promises nothing after that.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>The library's file name and version.</summary>
    public string Version
    {
        get
        {
            var version = Text("MPI_Get_library_version").Split('\n', ',')[0];
            return $"{_name} ({string.Join(' ', version.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))})";
        }
    }

    /// <summary>The name of this process's host.</summary>
    public string Host => Text("MPI_Get_processor_name");

    public int Rank(nint group) => Number("MPI_Comm_rank", group);

    public int Size(nint group) => Number("MPI_Comm_size", group);

    /// <summary>A group of the same ranks, whose calls do not meet those of the other.</summary>
    public nint Duplicate(nint group)
    {
        nint copy = 0;
        Check(((delegate* unmanaged<nint, nint*, int>)Find("MPI_Comm_dup"))(group, &copy), "MPI_Comm_dup");
        return copy;
    }

    /// <summary>The group of the ranks on this host.</summary>
    public nint OnThisHost(nint group)
    {
        nint local = 0;
        var split = (delegate* unmanaged<nint, int, int, nint, nint*, int>)Find("MPI_Comm_split_type");
        Check(split(group, _handles.Shared, 0, _handles.NoInfo, &local), "MPI_Comm_split_type");
        return local;
    }

    public void Sum(void* values, int count, bool isDouble, nint group)
    {
        var type = isDouble ? _handles.Double : _handles.Float;
        Check(_allReduce(_handles.InPlace, values, count, type, _handles.Sum, group), "MPI_Allreduce");
    }

    public void Max(double* values, int count, nint group) =>
        Check(_allReduce(_handles.InPlace, values, count, _handles.Double, _handles.Max, group), "MPI_Allreduce");

    /// <summary>Begins a sum in place.</summary>
    /// <returns>The request, for <see cref="Test"/> or <see cref="Wait"/>.</returns>
    public nint BeginSum(void* values, int count, bool isDouble, nint group)
    {
        nint request = 0;
        var type = isDouble ? _handles.Double : _handles.Float;
        Check(_beginAllReduce(_handles.InPlace, values, count, type, _handles.Sum, group, &request), "MPI_Iallreduce");
        return request;
    }

    public void Broadcast(byte* data, int bytes, nint group)
    {
        var broadcast = (delegate* unmanaged<void*, int, nint, int, nint, int>)Find("MPI_Bcast");
        Check(broadcast(data, bytes, _handles.Byte, 0, group), "MPI_Bcast");
    }

    /// <summary>Puts the bytes of all ranks one after the other.</summary>
    public byte[] Gather(ReadOnlySpan<byte> own, int size, nint group)
    {
        var all = new byte[size * own.Length];
        var gather = (delegate* unmanaged<byte*, int, nint, byte*, int, nint, nint, int>)Find("MPI_Allgather");
        fixed (byte* first = own, firstOfAll = all)
        {
            Check(gather(first, own.Length, _handles.Byte, firstOfAll, own.Length, _handles.Byte, group), "MPI_Allgather");
        }
        return all;
    }

    public void Barrier(nint group) => Check(((delegate* unmanaged<nint, int>)Find("MPI_Barrier"))(group), "MPI_Barrier");

    public nint BeginBarrier(nint group)
    {
        nint request = 0;
        Check(((delegate* unmanaged<nint, nint*, int>)Find("MPI_Ibarrier"))(group, &request), "MPI_Ibarrier");
        return request;
    }

    /// <summary>Lets a request go on, and says whether it has ended.</summary>
    public bool Test(ref nint request)
    {
        int flag;
        fixed (nint* at = &request)
        {
            Check(_test(at, &flag, _handles.NoStatus), "MPI_Test");
        }
        return flag != 0;
    }

    public void Wait(nint request) => Check(_wait(&request, _handles.NoStatus), "MPI_Wait");

    /// <summary>Ends MPI in this process, unless another part of the process started it.</summary>
    public void End()
    {
        if (_isOurs)
        {
            Check(((delegate* unmanaged<int>)Find("MPI_Finalize"))(), "MPI_Finalize");
        }
    }

    /// <summary>Asks the launcher to end all ranks. It ends this process, or returns.</summary>
    public void Abort(int code) => _ = ((delegate* unmanaged<nint, int, int>)Find("MPI_Abort"))(World, code);

    // Whether MPI was started here.
    private bool Start()
    {
        if (Flag("MPI_Finalized"))
        {
            throw new RankGroupException("MPI has ended in this process and cannot start again: join a group once, and share it.");
        }
        var isOurs = !Flag("MPI_Initialized");
        int level;
        if (isOurs)
        {
            var start = (delegate* unmanaged<int*, byte***, int, int*, int>)Find("MPI_Init_thread");
            Check(start(null, null, Multiple, &level), "MPI_Init_thread");
        }
        else
        {
            Check(((delegate* unmanaged<int*, int>)Find("MPI_Query_thread"))(&level), "MPI_Query_thread");
        }
        if (level < Serialized)
        {
            throw new RankGroupException(
                $"{_name} allows MPI calls from one thread only; MPI_THREAD_SERIALIZED or more is needed. Use a build with threads.");
        }
        // The default ends the process without a word of ours.
        var set = (delegate* unmanaged<nint, nint, int>)Find("MPI_Comm_set_errhandler");
        Check(set(World, _handles.ErrorsReturn), "MPI_Comm_set_errhandler");
        return isOurs;
    }

    private bool Flag(string function)
    {
        int flag;
        Check(((delegate* unmanaged<int*, int>)Find(function))(&flag), function);
        return flag != 0;
    }

    private int Number(string function, nint group)
    {
        int number;
        Check(((delegate* unmanaged<nint, int*, int>)Find(function))(group, &number), function);
        return number;
    }

    private string Text(string function)
    {
        var text = stackalloc byte[TextBytes];
        int length;
        Check(((delegate* unmanaged<byte*, int*, int>)Find(function))(text, &length), function);
        return Marshal.PtrToStringUTF8((nint)text, length);
    }

    private void Check(int code, string function)
    {
        if (code != 0)
        {
            HasFailed = true;
            var text = stackalloc byte[TextBytes];
            int length;
            var isKnown = ((delegate* unmanaged<int, byte*, int*, int>)Find("MPI_Error_string"))(code, text, &length) == 0;
            var error = isKnown ? Marshal.PtrToStringUTF8((nint)text, length) : "unknown error";
            throw new RankGroupException($"{Caller}: {function} failed: {error} (MPI error {code}).");
        }
    }

    private nint Find(string function) => NativeLibrary.TryGetExport(_library, function, out var address)
        ? address
        : throw new RankGroupException($"{_name} has no function {function}. Set {Launch.Chosen} to a library of MPI 3 or later.");

    private Handles HandlesOf(nint library)
    {
        if (NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out var world))
        {
            return new(world, Find("ompi_mpi_float"), Find("ompi_mpi_double"), Find("ompi_mpi_byte"), Find("ompi_mpi_op_sum"),
                Find("ompi_mpi_op_max"), InPlace: 1, NoStatus: 0, Find("ompi_mpi_errors_return"), Find("ompi_mpi_info_null"), Shared: 0);
        }
        if (NativeLibrary.TryGetExport(library, "MPI_Abi_get_version", out var version))
        {
            // Libraries with an ABI of their own say -1.
            int major, minor;
            if (((delegate* unmanaged<int*, int*, int>)version)(&major, &minor) == 0 && major > 0)
            {
                throw new RankGroupException(
                    $"{_name} has the standard ABI of MPI 5, which is not supported. Set {Launch.Chosen} to the same MPI's own library, "
                    + "such as libmpi.so.12 or libmpi.so.40.");
            }
        }
        return new(0x44000000, Float: 0x4c00040a, Double: 0x4c00080b, Byte: 0x4c00010d, Sum: 0x58000003, Max: 0x58000001,
            InPlace: -1, NoStatus: 1, ErrorsReturn: 0x54000001, NoInfo: 0x1c000000, Shared: 1);
    }

    private sealed record Handles(
        nint World, nint Float, nint Double, nint Byte, nint Sum, nint Max, nint InPlace, nint NoStatus, nint ErrorsReturn, nint NoInfo,
        int Shared);
}
