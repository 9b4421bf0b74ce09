import { z } from 'zod';
import { inside } from '../src/inside.ts';
import { docker, exec, sandboxes } from '../src/stack.ts';

const fleet = sandboxes();
afterEach(() => fleet.clean(), 120_000);

const outcomesSchema = z.record(z.string(), z.string());

it('no process of a sandbox has a capability, may gain one or makes calls that are not filtered', async () => {
  const { id } = await fleet.create();
  const everyProcess = await inside(
    id,
    `
import json, os
out = []
for pid in filter(str.isdigit, os.listdir("/proc")):
    try: status = dict(l.split(":", 1) for l in open(f"/proc/{pid}/status").read().splitlines())
    except FileNotFoundError: continue
    out.append({k: status[k].strip() for k in ("Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")})
print(json.dumps(out))`,
    z.array(outcomesSchema),
  );
  expect(everyProcess.length).toBeGreaterThanOrEqual(3);
  const none = '0000000000000000';
  for (const status of everyProcess)
    expect(status).toEqual({
      ...{ Uid: '1000\t1000\t1000\t1000', Gid: '1000\t1000\t1000\t1000' },
      ...{ Groups: '1000', CapInh: none, CapPrm: none, CapEff: none },
      ...{ CapBnd: none, CapAmb: none, NoNewPrivs: '1', Seccomp: '2' },
    });
}, 60_000);

it('calls that lead out of containers are refused, whatever the processor', async () => {
  const { id } = await fleet.create();
  const tried = await inside(
    id,
    `
import ctypes, errno, json, platform
libc = ctypes.CDLL(None, use_errno=True)
# x86-64 and arm64.
calls = {"mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "fsopen": (430, 430), "move_mount": (429, 429),
  "open_tree": (428, 428), "mount_setattr": (442, 442), "setns": (308, 268), "bpf": (321, 280), "userfaultfd": (323, 282),
  "io_uring_setup": (425, 425), "perf_event_open": (298, 241), "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
  "kexec_load": (246, 104), "init_module": (175, 105), "delete_module": (176, 106), "open_by_handle_at": (304, 265), "acct": (163, 89),
  "reboot": (169, 142), "settimeofday": (164, 170), "swapon": (167, 224), "syslog": (103, 116), "quotactl": (179, 60), "pidfd_getfd": (438, 438)}
column = 0 if platform.machine() == "x86_64" else 1
def attempt(number, *args):
    ctypes.set_errno(0)
    return "done" if libc.syscall(number, *args) >= 0 else errno.errorcode[ctypes.get_errno()]
out = {name: attempt(numbers[column], 0, 0, 0, 0, 0) for name, numbers in calls.items()}
unshare = (272, 97)[column]
for name, flag in (("user", 0x10000000), ("mount", 0x20000), ("net", 0x40000000), ("pid", 0x20000000), ("cgroup", 0x2000000), ("ipc", 0x8000000), ("uts", 0x4000000)):
    out["unshare " + name] = attempt(unshare, flag)
print(json.dumps(out))`,
    outcomesSchema,
  );
  expect(Object.keys(tried).length).toBeGreaterThan(30);
  for (const [name, outcome] of Object.entries(tried))
    expect([name, outcome]).toEqual([name, 'EPERM']);
}, 60_000);

it('a set-uid program gains nothing, whether of the image or made by the tenant', async () => {
  const { id } = await fleet.create();
  const { stdout } = await exec(
    id,
    `su -c id root </dev/null 2>/dev/null && echo became root
cp /usr/bin/id ~/id && chmod 6755 ~/id && stat -c %a ~/id && ~/id -u
chown root ~/id 2>/dev/null && echo gave it to root
newgrp root </dev/null 2>/dev/null && echo joined root
chage --list sandbox >/dev/null 2>&1 && echo read the passwords
python3 - <<'E'
import os
for act in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0, 999])):
    try: act(); print("did")
    except PermissionError: pass
try: os.setxattr(os.path.expanduser("~/id"), "security.capability", b"\\x01\\x00\\x00\\x02" + b"\\xff" * 16); print("gave it capabilities")
except OSError: pass
for kind, device in (("zero", os.makedev(1, 5)), ("disk", os.makedev(8, 0)), ("mem", os.makedev(1, 1))):
    try: os.mknod(os.path.expanduser("~/" + kind), 0o20666, device); print("made", kind)
    except PermissionError: pass
E`,
  );
  expect(stdout).toBe('6755\n1000\n');
}, 60_000);

it('only home, temporary directories and the agent’s own can be written, and only three are of the host', async () => {
  const { id } = await fleet.create();
  const found = await inside(
    id,
    `
import json, os
mounts = {}
for line in open("/proc/self/mountinfo"):
    left, right = line.split(" - ")
    mounts[left.split()[4]] = [left.split()[5].split(","), right.split()[0], left.split()[3]]
writable = []
for root, dirs, files in os.walk("/"):
    if root == "/proc" or root == "/home/sandbox" or root == "/run/sandboxed": dirs[:] = []
    if os.access(root, os.W_OK):
        # Root directories of file systems that forbid it answer so too; what counts is what can be made.
        try: open(root + "/.probe", "x").close(); os.unlink(root + "/.probe"); writable.append(root)
        except OSError: pass
    dirs[:] = [d for d in dirs if not os.path.islink(os.path.join(root, d))]
devices = sorted(n for n in os.listdir("/dev"))
print(json.dumps({"mounts": mounts, "writable": sorted(writable), "devices": devices}))`,
    z.object({
      mounts: z.record(
        z.string(),
        z.tuple([z.array(z.string()), z.string(), z.string()]),
      ),
      writable: z.array(z.string()),
      devices: z.array(z.string()),
    }),
  );
  expect(found.writable).toEqual([
    ...['/dev/mqueue', '/dev/shm', '/home/sandbox', '/run/sandboxed'],
    ...['/tmp', '/var/tmp'],
  ]);
  expect(found.devices).toEqual([
    ...['fd', 'full', 'mqueue', 'null', 'ptmx', 'pts', 'random', 'shm'],
    ...['stderr', 'stdin', 'stdout', 'tty', 'urandom', 'zero'],
  ]);
  const flags = (path: string) => found.mounts[path]?.[0] ?? [];
  expect(flags('/')).toContain('ro');
  expect(flags('/sys')).toContain('ro');
  expect(flags('/opt/sandboxed')).toContain('ro');
  for (const path of ['/tmp', '/var/tmp', '/dev/shm', '/dev/mqueue'])
    expect([path, flags(path)]).toEqual([
      path,
      expect.arrayContaining(['rw', 'nosuid', 'nodev']),
    ]);
  const virtual = /^(overlay|proc|tmpfs|devpts|sysfs|cgroup2?|mqueue)$/;
  const ofHost = Object.entries(found.mounts)
    .filter(([, [, type]]) => !virtual.test(type))
    .map(([path]) => path);
  expect(ofHost.sort()).toEqual([
    // What the Engine itself mounts, read-only or of this sandbox alone.
    ...['/etc/hostname', '/etc/hosts', '/etc/resolv.conf'],
    ...['/home/sandbox', '/opt/sandboxed', '/run/sandboxed'],
    ...['/usr/sbin/docker-init'],
  ]);
  expect(flags('/etc/resolv.conf')).toContain('ro');
  const { stdout } = await exec(
    id,
    'for way in /var/run/docker.sock /run/docker.sock /run/containerd /dev/mem /dev/kmsg /dev/fuse /dev/kvm; do [ -e $way ] && echo $way; done; true',
  );
  expect(stdout).toBe('');
}, 60_000);

it('what the kernel tells of the host is masked or empty, and its switches are read-only', async () => {
  const { id } = await fleet.create();
  const { stdout } = await exec(
    id,
    `for file in /proc/kcore /proc/keys /proc/timer_list /proc/interrupts /proc/latency_stats /proc/sched_debug /proc/kmsg; do
  [ -e $file ] && [ -n "$(head -c 1 $file 2>/dev/null | tr -d '\\0')" ] && echo "reads $file"
done
for folder in /proc/acpi /proc/scsi /proc/asound /sys/firmware /sys/devices/virtual/powercap /sys/kernel/debug /sys/kernel/security; do
  [ -n "$(ls -A $folder 2>/dev/null)" ] && echo "lists $folder"
done
awk '$1 !~ /^0+$/ { exit 1 }' /proc/kallsyms || echo 'sees addresses of the kernel'
for file in /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname /proc/sys/net/ipv4/ip_forward /proc/sysrq-trigger /proc/irq/default_smp_affinity \\
    /sys/kernel/uevent_helper /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/devices/devices.allow /sys/fs/cgroup/release_agent; do
  echo 0 2>/dev/null >$file && echo "wrote $file"
done
mkdir /sys/fs/cgroup/mine /sys/fs/cgroup/memory/mine 2>/dev/null && echo 'made a cgroup'
echo -500 2>/dev/null >/proc/self/oom_score_adj && echo 'is spared when memory runs out'
ls /proc/1/root/proc/1 >/dev/null 2>&1; readlink /proc/1/root
ulimit -Hc; ulimit -Hn; ulimit -n 1048576 2>/dev/null && echo 'raised its limit'
true`,
  );
  expect(stdout).toBe('/\n0\n16384\n');
}, 60_000);

it('the Engine was told the same, and brings no sandbox up by itself', async () => {
  const { id } = await fleet.create({
    limits: { memory_mb: 256, pids: 64, cpus: 0.5 },
  });
  const format = '{{json .HostConfig}}';
  const config: unknown = JSON.parse(
    await docker('inspect', '-f', format, `s-${id.toLowerCase()}`),
  );
  expect(config).toMatchObject({
    ...{ Privileged: false, CapAdd: null, CapDrop: ['ALL'], PidMode: '' },
    ...{ UsernsMode: '', UTSMode: '', IpcMode: 'private', Devices: null },
    ...{ ReadonlyRootfs: true, SecurityOpt: ['no-new-privileges'] },
    ...{ Memory: 268_435_456, MemorySwap: 268_435_456, PidsLimit: 64 },
    NanoCpus: 500_000_000,
    RestartPolicy: { Name: 'no' },
  });
  expect(
    await docker(
      ...['inspect', '-f', '{{len .HostConfig.PortBindings}}'],
      `s-${id.toLowerCase()}`,
    ),
  ).toBe('0');
}, 60_000);
